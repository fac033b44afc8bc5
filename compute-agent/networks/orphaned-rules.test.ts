import { expect, it } from 'vitest';
import { orphanCommands } from './orphaned-rules.ts';

const listing = `table bridge nat { # handle 3
	chain PREROUTING { # handle 1
		type filter hook prerouting priority dstnat; policy accept;
		iifname "vabcdefghij-0" counter jump libvirt-J-vabcdefghij-0 # handle 41
		iifname "vbbbbbbbbbb-0" counter jump libvirt-J-vbbbbbbbbbb-0 # handle 51
	}
	chain POSTROUTING { # handle 2
		type filter hook postrouting priority srcnat; policy accept;
		oifname "vabcdefghij-0" counter jump libvirt-P-vabcdefghij-0 # handle 42
	}
	chain "libvirt-J-vabcdefghij-0" { # handle 43
		counter jump J-vabcdefghij-0-mac # handle 46
		counter drop # handle 47
	}
	chain J-vabcdefghij-0-mac { # handle 44
		ether saddr 52:54:00:aa:00:01 counter return # handle 48
	}
	chain libvirt-P-vabcdefghij-0 { # handle 45
	}
	chain libvirt-J-vbbbbbbbbbb-0 { # handle 52
		counter jump J-vbbbbbbbbbb-0-mac # handle 53
	}
}
`;

it("takes this server's jumps and chains, and nobody else's", () => {
  const commands = orphanCommands(listing, 'abcdefghij');
  const chains = ['libvirt-J-vabcdefghij-0', 'J-vabcdefghij-0-mac', 'libvirt-P-vabcdefghij-0'];
  expect(commands).toEqual([
    'delete rule bridge nat PREROUTING handle 41',
    'delete rule bridge nat POSTROUTING handle 42',
    ...chains.map((name) => `flush chain bridge nat ${name}`),
    ...chains.map((name) => `delete chain bridge nat ${name}`),
  ]);
});

it('finds nothing where there is nothing', () => {
  expect(orphanCommands('', 'abcdefghij')).toEqual([]);
  expect(orphanCommands(listing, 'cccccccccc')).toEqual([]);
});
