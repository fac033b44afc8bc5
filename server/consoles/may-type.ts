import type { MemberRole } from '../generated/prisma/enums.ts';

/** Who may type into a console, and end those of others. */
export const mayType: ReadonlySet<MemberRole> = new Set<MemberRole>(['owner', 'operator']);
