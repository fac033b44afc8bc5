/**
 * Keeps the host's own nft tables (rules.ts) in the kernel as they are wanted: put where they are missing, changed or
 * outdated, and left alone otherwise.
 */
import { parseCidr } from './addresses.ts';
import { attachedNetworks, type Bridge, type Run } from './bridge.ts';
import { hostRules, natRules, tablesOf } from './rules.ts';

export interface TablesOptions {
  uplink?: string | undefined;
  panelPort?: number | undefined;
}

export class Tables {
  readonly #run: Run;
  readonly #bridge: Bridge;
  readonly #options: TablesOptions;
  #applied = { text: '', listing: '' };
  #upgraded = false;

  constructor(run: Run, bridge: Bridge, options: TablesOptions) {
    this.#run = run;
    this.#bridge = bridge;
    this.#options = options;
  }

  /** Whether somebody had changed what was left here. */
  async put(): Promise<boolean> {
    const text = await this.#wanted();
    const intact = (await this.#list()) === this.#applied.listing;
    if (intact && text === this.#applied.text) return false;
    // The old tables go in the same transaction, so that there is no moment without rules, nor with both.
    await this.#run('nft', ['-f', '-'], { input: (this.#upgraded ? '' : await this.#removalOfOld()) + text });
    this.#upgraded = true;
    this.#applied = { text, listing: await this.#list() };
    return !intact;
  }

  async #wanted(): Promise<string> {
    const { name: bridge, v4, v6 } = this.#bridge;
    const { uplink, panelPort } = this.#options;
    const management = await attachedNetworks(this.#run, bridge);
    return hostRules({ bridge, v4, v6, management, panelPort }) + natRules({ bridge, v4, uplink });
  }

  /** As the kernel has them, without counters; empty where a table is missing. */
  async #list(): Promise<string> {
    const texts: string[] = [];
    for (const table of tablesOf(this.#bridge.name)) texts.push(await this.#listTable(table));
    return texts.includes('') ? '' : texts.join('');
  }

  async #listTable(table: readonly string[]): Promise<string> {
    return (await this.#run('nft', ['-s', 'list', 'table', ...table], { ok: [0, 1] })).stdout;
  }

  /** Before they were named after the bridge there was one pair per machine; it is ours when it speaks of our bridge. */
  async #removalOfOld(): Promise<string> {
    const { network, prefix } = parseCidr(this.#bridge.v4);
    const old = [
      { table: ['inet', 'tsubo'], sign: `iifname "${this.#bridge.name}" ` },
      { table: ['ip', 'tsubo_nat'], sign: `ip saddr ${network}/${prefix} ` },
    ];
    let text = '';
    for (const { table, sign } of old)
      if ((await this.#listTable(table)).includes(sign)) text += `delete table ${table.join(' ')}\n`;
    return text;
  }
}
