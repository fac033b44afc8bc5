'use client';

import { ConsolePage, type ConsoleRouteProps } from '../ConsolePage.tsx';
import { SerialPage } from './SerialPage.tsx';

export const SerialRoute = (props: ConsoleRouteProps) => <ConsolePage {...props} Page={SerialPage} />;
