'use client';

export { RouteError as default } from '../_features/shell/RouteError.tsx';
