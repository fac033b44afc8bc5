/** What the agent reads from a domain's XML: its own metadata. */
import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { type DomainSpec, domainSpec } from '../contract/shapes.ts';

export const METADATA_NAMESPACE = 'https://tsubo.dev/xmlns/1';

export interface Metadata {
  /** The host whose agent made it; null where that was an agent that did not say so yet. */
  owner: string | null;
  /** Of its first interface; null where it has none. */
  bridge: string | null;
  generation: number;
  /** Hash of the XML's other part, as it was defined. */
  body: string;
  spec: DomainSpec;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  isArray: (_name, path) => path === 'domain.devices.interface',
});
const generation = z
  .string()
  .regex(/^[1-9]\d{0,15}$/)
  .transform(Number);

const interfaces = z.object({
  domain: z.object({
    devices: z
      .object({
        interface: z.array(z.object({ source: z.object({ '@bridge': z.string().optional() }).optional() })).optional(),
      })
      .optional(),
  }),
});

/** The metadata is Tsubo's and broken: that must not look like a domain of somebody else. */
export class MetadataError extends Error {
  override readonly name = 'MetadataError';
}

/** null where the domain is not Tsubo's. Throws MetadataError. */
export function parseMetadata(xml: string): Metadata | null {
  const document: unknown = parser.parse(xml);
  const found = ourElement(document);
  if (!found) return null;
  const { element, prefix } = found;
  try {
    return {
      owner: z.string().optional().parse(element['@owner']) ?? null,
      bridge: interfaces.parse(document).domain.devices?.interface?.[0]?.source?.['@bridge'] ?? null,
      generation: generation.parse(element['@generation']),
      body: z.string().parse(element['@body'] ?? ''),
      spec: domainSpec.parse(JSON.parse(z.string().parse(element[`${prefix}spec`]))),
    };
  } catch (error) {
    throw new MetadataError(`Tsubo's metadata in a domain cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

type Element = Record<string, unknown>;
const isElement = (value: unknown): value is Element =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** By namespace, whatever prefix libvirt or a person gave it. */
function ourElement(document: unknown): { element: Element; prefix: string } | null {
  const domain = isElement(document) ? document.domain : undefined;
  const metadata = isElement(domain) ? domain.metadata : undefined;
  if (!isElement(metadata)) return null;
  for (const [name, element] of Object.entries(metadata)) {
    const match = /^([^:]+:)server$/.exec(name);
    if (!match || !isElement(element)) continue;
    const prefix = match[1] as string;
    if (element[`@xmlns:${prefix.slice(0, -1)}`] === METADATA_NAMESPACE) return { element, prefix };
  }
  return null;
}
