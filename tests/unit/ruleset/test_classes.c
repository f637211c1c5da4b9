/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_classes.c - packets of one key fit the same rules, and keys are few
 *
 * Packets are made of values at both ends of the spans that the rules ask for, and beside them.
 * Each is compared with the first one of its key, rule by rule.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "show.h"

#define PACKETS 300000

static const char xt_rules[] = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:a - [0:0]\n"
			       "-A INPUT -j LOG --log-prefix \"x \"\n"
			       "-A INPUT -s 10.0.0.0/24 -p tcp -m tcp --dport 22 -j ACCEPT\n"
			       "-A INPUT ! -s 10.0.0.0/25 -p udp -m udp --sport 53:60 -j ACCEPT\n"
			       "-A INPUT -d 10.0.0.128 -m mark --mark 0x1/0xf -j DROP\n"
			       "-A INPUT -m iprange --src-range 10.0.0.126-10.0.0.129 -j a\n"
			       "-A INPUT -p tcp -m multiport --ports 22,80:90 -j DROP\n"
			       "-A INPUT -p tcp -m tcp --tcp-flags SYN,ACK SYN -j a\n"
			       "-A INPUT -p icmp -m icmp --icmp-type 8 -j ACCEPT\n"
			       "-A INPUT -i eth+ ! -o lo -j ACCEPT\n"
			       "-A INPUT -s 0.0.0.0/0 -d 255.255.255.255 -j DROP\n"
			       "-A INPUT -m conntrack --ctstate ESTABLISHED -j DROP\n"
			       "-A a -s 10.0.0.0/255.0.0.255 -j DROP\n"
			       "COMMIT\n";

/* The same without that mask: addresses are told apart by ends alone. */
static const char nft_rules[] =
	"table inet t {\n"
	"	set s {\n		type ipv4_addr\n		flags interval\n"
	"		elements = { 10.0.0.0/25, 10.0.0.200-10.0.0.210 }\n	}\n"
	"	chain c {\n		type filter hook input priority filter; policy drop;\n"
	"		log prefix \"x \"\n"
	"		ip saddr @s drop\n"
	"		ip saddr != @s ip daddr 10.0.0.128/26 accept\n"
	"		ip saddr . tcp dport { 10.0.0.1 . 22, 10.0.0.130 . 80-90 } accept\n"
	"		ip saddr . tcp dport != { 10.0.0.1 . 22 } accept\n"
	"		tcp dport { 22, 80-90, 65535 } drop\n"
	"		tcp dport != 0-21 meta mark 7 drop\n"
	"		iifname \"eth*\" oifname != \"lo\" accept\n"
	"		ip6 saddr 2001:db8::/64 accept\n"
	"		ct state { established, related } accept\n"
	"		icmp type echo-request accept\n"
	"	}\n}\n";

static uint32_t seed = 1;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

static struct addr any_addr(void)
{
	static const char *const texts[] = {
		"10.0.0.0",   "10.0.0.1",   "10.0.0.126",      "10.0.0.127", "10.0.0.128",
		"10.0.0.129", "10.0.0.130", "10.0.0.191",      "10.0.0.192", "10.0.0.200",
		"10.0.0.210", "10.0.0.211", "10.0.0.255",      "10.0.1.0",   "10.9.9.0",
		"0.0.0.0",    "9.9.9.9",    "255.255.255.255",
	};
	struct addr addr = { .b = { [10] = 0xff, [11] = 0xff } };

	assert_int_equal(
		inet_pton(AF_INET, texts[any(sizeof(texts) / sizeof(*texts))], &addr.b[12]), 1);
	return addr;
}

static struct addr any_addr6(void)
{
	static const char *const texts[] = { "2001:db8::",
					     "2001:db8::ffff:ffff:ffff:ffff",
					     "2001:db8:0:1::",
					     "2001:db7:ffff::",
					     "::",
					     "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" };
	struct addr addr;

	assert_int_equal(inet_pton(AF_INET6, texts[any(sizeof(texts) / sizeof(*texts))], addr.b),
			 1);
	return addr;
}

static uint16_t any_port(void)
{
	static const uint16_t ports[] = { 0,  21, 22, 23, 52, 53, 60,	 61,   79,
					  80, 85, 90, 91, 92, 93, 65534, 65535 };

	return ports[any(sizeof(ports) / sizeof(*ports))];
}

static void any_packet(struct header *h, struct sighting *seen)
{
	static const char *const names[] = { "", "lo", "eth0", "eth1", "et" };
	static const uint8_t protos[] = { 6, 17, 1 };
	bool ip6 = any(4) == 0;

	*h = (struct header){
		.family = ip6 ? FAMILY_IP6 : FAMILY_IP,
		.proto = protos[any(3)],
		.src = ip6 ? any_addr6() : any_addr(),
		.dst = ip6 ? any_addr6() : any_addr(),
		.have = HEADER_PROTO | (any(16) ? (unsigned int)HEADER_ADDR : 0),
	};
	if (any(16) == 0) {
		h->have |= HEADER_FRAG;
		h->frag = (uint16_t)any(2);
	}
	if (h->proto == 1) {
		h->have |= HEADER_ICMP;
		h->icmp_type = any(2) ? 8 : 3;
	} else {
		h->have |= HEADER_PORTS | (h->proto == 6 ? (unsigned int)HEADER_FLAGS : 0);
		h->sport = any_port();
		h->dport = any_port();
		h->tcp_flags = any(2) ? TCP_SYN : TCP_SYN | TCP_ACK;
	}
	*seen = (struct sighting){
		.pkt = h,
		.iif = str_from(names[any(5)]),
		.oif = str_from(names[any(5)]),
		.mark = any(2) ? 7 : 0x11,
		.states = any(2) ? CT_NEW : CT_ESTABLISHED,
		.have = (uint8_t)(SIGHTING_IIF | SIGHTING_OIF | (any(2) ? SIGHTING_MARK : 0) |
				  (any(2) ? SIGHTING_STATES : 0) | (any(2) ? SIGHTING_LISTED : 0)),
	};
}

/* struct seen_packet - @fits: what rule_match() says of each rule */
struct seen_packet {
	struct sighting_key key;
	char fits[32];
};

static void see(const struct ruleset *rs, struct seen_packet *packet)
{
	struct chain_list chains = ruleset_chains(rs);
	struct sighting seen;
	struct header h;
	size_t n = 0;

	any_packet(&h, &seen);
	assert_true(sighting_key(rs, &seen, &packet->key));
	for (size_t i = 0; i < chains.n; i++)
		for (uint32_t k = 1; k <= chains.at[i]->n_rules && n < sizeof(packet->fits) - 1;
		     k++)
			packet->fits[n++] =
				(char)('a' + rule_match(chain_rule(chains.at[i], k), &seen, NULL));
	packet->fits[n] = '\0';
}

static int compare(const void *a, const void *b)
{
	const struct sighting_key *x = &((const struct seen_packet *)a)->key;
	const struct sighting_key *y = &((const struct seen_packet *)b)->key;

	return x->n != y->n ? (int)x->n - (int)y->n : memcmp(x->b, y->b, x->n);
}

static void check(const char *text)
{
	struct seen_packet *packets = calloc(PACKETS, sizeof(*packets));
	struct ruleset_error err;
	int ret;
	struct ruleset *rs = show_load("classes", str_from(text), &ret, &err);

	assert_non_null(rs);
	assert_non_null(packets);
	for (size_t i = 0; i < PACKETS; i++)
		see(rs, &packets[i]);
	qsort(packets, PACKETS, sizeof(*packets), compare);
	for (size_t i = 1; i < PACKETS; i++)
		if (compare(&packets[i - 1], &packets[i]) == 0)
			assert_string_equal(packets[i - 1].fits, packets[i].fits);
	free(packets);
	ruleset_destroy(rs);
}

static void test_same(void **state)
{
	(void)state;
	check(xt_rules);
	check(nft_rules);
}

/* A million packets to one port: one key, whatever their addresses and source ports are. */
static void test_few(void **state)
{
	const char *text = "*filter\n:INPUT DROP [0:0]\n-A INPUT -j LOG --log-prefix \"x \"\n"
			   "-A INPUT -s 10.0.0.0/24 -p tcp -m tcp --dport 22 -j ACCEPT\nCOMMIT\n";
	struct sighting_key first, key;
	struct ruleset_error err;
	int ret;
	struct ruleset *rs = show_load("few", str_from(text), &ret, &err);

	(void)state;
	assert_non_null(rs);
	for (uint32_t i = 0; i < 65536; i++) {
		struct header h = { .family = FAMILY_IP,
				    .proto = 6,
				    .dport = 443,
				    .have = HEADER_PROTO | HEADER_ADDR | HEADER_PORTS };
		struct sighting seen = { .pkt = &h };

		memcpy(h.src.b,
		       (uint8_t[16]){ [10] = 0xff, 0xff, 192, 0, (uint8_t)(i >> 8), (uint8_t)i },
		       sizeof(h.src.b));
		h.sport = (uint16_t)i;
		assert_true(sighting_key(rs, &seen, i ? &key : &first));
		if (i) {
			assert_int_equal(key.n, first.n);
			assert_memory_equal(key.b, first.b, key.n);
		}
	}
	ruleset_destroy(rs);
}

static void test_none(void **state)
{
	struct header h = { .family = FAMILY_IP };
	struct sighting seen = { .pkt = &h, .iif = STR("a-name-of-16-bytes") };
	struct sighting_key key;
	struct ruleset_error err;
	int ret;
	struct ruleset *rs = show_load("none", str_from(xt_rules), &ret, &err);

	(void)state;
	assert_non_null(rs);
	assert_false(sighting_key(rs, &seen, &key));
	seen.iif = STR("a-name-of-15-by");
	assert_true(sighting_key(rs, &seen, &key));
	ruleset_destroy(rs);
	rs = show_load("silent", STR("*filter\n:INPUT DROP [0:0]\nCOMMIT\n"), &ret, &err);
	assert_non_null(rs);
	assert_false(sighting_key(rs, &seen, &key));
	ruleset_destroy(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
