/** One page with all pictures, a row for each view; small enough to be looked at in a minute. */

export type Shot = { view: string; locale: string; width: string; theme: string; file: string };

export function contactSheet(shots: Shot[]): string {
  const views = [...new Set(shots.map(({ view }) => view))];
  const rows = views.map((view) => {
    const figures = shots
      .filter((shot) => shot.view === view)
      .map(({ locale, width, theme, file }) => {
        const label = `${locale} ${width} ${theme}`;
        return `<figure class="${width}"><a href="${file}"><img src="${file}" alt="${view} ${label}" loading="lazy"></a><figcaption>${label}</figcaption></figure>`;
      });
    return `<section id="${view}"><h2>${view}</h2><div>${figures.join('')}</div></section>`;
  });
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Every page of Tsubo</title>
<style>
body { margin: 16px; font: 13px/1.5 system-ui, sans-serif; background: #777; color: #fff }
h2 { margin: 16px 0 4px; font-size: 15px }
section div { display: flex; gap: 8px; align-items: flex-start }
figure { margin: 0 } figcaption { font-size: 11px }
img { display: block; width: 100%; max-height: 420px; object-fit: cover; object-position: top }
.desktop { width: 300px } .phone { width: 130px }
</style>
${rows.join('\n')}
</html>
`;
}
