'use client';

// These two alone: what this file imports, every page loads.
import en from './_lib/messages/en/common.json';
import ja from './_lib/messages/ja/common.json';

/**
 * The last resort, when the root layout itself fails: no provider stands, so it takes its words from the files
 * and draws with the browser's own styles.
 */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  const locale = typeof navigator !== 'undefined' && !navigator.language.startsWith('ja') ? 'en' : 'ja';
  const t = { ja, en }[locale];
  return (
    <html lang={locale}>
      <body>
        <title>{`${t.crash.title} | ${t.product}`}</title>
        <main>
          <h1>{t.crash.title}</h1>
          <p>{t.crash.fact}</p>
          {error.digest ? (
            <p>
              {t.id} <code>{error.digest}</code>
            </p>
          ) : null}
          <button type="button" onClick={() => window.location.reload()}>
            {t.reload}
          </button>
        </main>
      </body>
    </html>
  );
}
