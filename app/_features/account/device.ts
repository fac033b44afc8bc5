/**
 * What a browser called itself, as a person would: names of products, the same in every language. A guess for the
 * eye; anybody can send any header.
 */
export interface Device {
  browser: string;
  system: string;
}

/** The first that fits: Edge and Opera also say Chrome, Chrome also says Safari, Android also says Linux. */
const browsers: [RegExp, string][] = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bHeadlessChrome\//, 'Chrome (headless)'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
];
const systems: [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows NT\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** null: neither is known. Where only one is, the other is ''. */
export function deviceOf(userAgent: string | null): Device | null {
  if (userAgent === null) return null;
  const nameIn = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(userAgent))?.[1] ?? '';
  const device = { browser: nameIn(browsers), system: nameIn(systems) };
  return device.browser === '' && device.system === '' ? null : device;
}
