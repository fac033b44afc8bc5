'use client';

import { ConsolePage, type ConsoleRouteProps } from '../ConsolePage.tsx';
import { ScreenPage } from './ScreenPage.tsx';

export const ScreenRoute = (props: ConsoleRouteProps) => <ConsolePage {...props} Page={ScreenPage} />;
