// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_wire.c - a packet's bytes as a header. That whole packets say what the kernel's log says
 * of them is in test_nflog.c; here is what a capture or a trace event leaves out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../../src/decode/scan.h"
#include "../../../src/decode/wire.h"

/* clang-format off */
#define IP4(length, proto) "4500" length "0001400040" proto "00000a0000010a000002"
#define IP6(length, next)  "60012345" length next "40" \
	"20010db8000000000000000000000001" "20010db8000000000000000000000002"
#define TCP "0400005011223344556677885012100000000000"
#define UDP "0400003500080000"

#define ADDRESSED (HEADER_ADDR | HEADER_LEN | HEADER_TTL | HEADER_TOS | HEADER_ID)
#define TOLD	  (ADDRESSED | HEADER_PROTO)
#define STARTED	  (TOLD & ~(uint32_t)HEADER_ADDR)
#define WHOLE_TCP (HEADER_PORTS | HEADER_FLAGS | HEADER_SEQ)

static const struct row {
	const char *network, *transport; /* hexadecimal; NULL: it comes as a whole packet */
	unsigned int ethertype;
	uint32_t have;	/* less HEADER_DF */
	uint32_t quoted; /* what is known of a quoted packet */
} rows[] = {
	{ IP4("0028", "06") TCP, NULL, 0, TOLD | WHOLE_TCP },
	{ IP4("0028", "06"), TCP, WIRE_IP, TOLD | WHOLE_TCP },
	{ IP4("0100", "06"), TCP, WIRE_IP, TOLD | WHOLE_TCP },
	/* too little of it was captured: no fault of the packet's */
	{ IP4("0028", "06") "040000500000", NULL, 0, TOLD | HEADER_PORTS },
	{ IP4("0028", "06"), "", WIRE_IP, TOLD },
	/* it is too short itself */
	{ IP4("001a", "06") "040000500000", NULL, 0, TOLD | HEADER_SHORT },
	{ IP4("001a", "06"), "040000500000", WIRE_IP, TOLD | HEADER_SHORT },
	{ "4500", NULL, WIRE_IP, HEADER_SHORT },
	{ "4300001c00014000400600000a0000010a000002" UDP, NULL, WIRE_IP, TOLD | HEADER_SHORT },
	/* what is behind the packet's end is padding, not its header */
	{ IP4("001a", "06") TCP, NULL, 0, TOLD | HEADER_SHORT },
	/* a segment longer than 64 KiB does not say how long it is (BIG TCP) */
	{ IP4("0000", "06") TCP, NULL, 0, TOLD | WHOLE_TCP },
	{ IP6("0000", "06") TCP, NULL, 0, TOLD | WHOLE_TCP },
	/* options that nft's 40 bytes of network header do not all hold */
	{ "4f000050000140004006" "0000" "0a0000010a000002"
	  "0101010101010101010101010101010101010101", TCP, WIRE_IP, TOLD | WHOLE_TCP },
	{ IP6("0014", "06") TCP, NULL, WIRE_IP6, TOLD | WHOLE_TCP },
	{ IP6("0014", "06"), TCP, WIRE_IP6, TOLD | WHOLE_TCP },
	/* behind extension headers: a whole packet knows, nft's two parts do not */
	{ IP6("0010", "00") "1100010400000000" UDP, NULL, 0, TOLD | HEADER_PORTS },
	{ IP6("0010", "00"), UDP, WIRE_IP6, ADDRESSED },
	{ IP6("0010", "00") "1100010400000000", UDP, WIRE_IP6, TOLD | HEADER_PORTS },
	/* a header that points behind the packet */
	{ IP6("0010", "00") "11ff010400000000" UDP, NULL, 0, ADDRESSED | HEADER_SHORT },
	{ IP6("0008", "2b") "2b00000000000000", NULL, 0, ADDRESSED | HEADER_SHORT },
	/* ICMP errors; nft has room for 12 bytes of what they quote */
	{ IP4("0038", "01") "0303000000000000" IP4("001c", "11") UDP, NULL, 0, TOLD | HEADER_ICMP,
	  TOLD | HEADER_PORTS },
	{ IP4("0038", "01") "0303000000000000" IP4("001c", "11") "04000035", NULL, 0,
	  TOLD | HEADER_ICMP, TOLD | HEADER_PORTS },
	{ IP4("0038", "01"), "0303000000000000" "4500001c0001400040110000", WIRE_IP,
	  TOLD | HEADER_ICMP, STARTED },
	{ IP4("0038", "01"), "0304000000000514" "4500001c0001400040110000", WIRE_IP,
	  TOLD | HEADER_ICMP | HEADER_MTU, STARTED },
	{ IP4("0038", "01"), "0303000000000000" "4500001c0001400040", WIRE_IP,
	  TOLD | HEADER_ICMP },
	{ IP4("0038", "01"), "0800000000010001" "4500001c0001400040110000", WIRE_IP,
	  TOLD | HEADER_ICMP | HEADER_ECHO },
	{ IP6("0040", "3a"), "0200000000000500" "60012345000a113f20010db8", WIRE_IP6,
	  TOLD | HEADER_ICMP | HEADER_MTU, STARTED },
	{ IP6("0040", "3a"), "0200000000000500" "60012345000a003f20010db8", WIRE_IP6,
	  TOLD | HEADER_ICMP | HEADER_MTU, STARTED & ~(uint32_t)HEADER_PROTO },
	{ IP4("0034", "01") "0303000000000000" IP4("001c", "11") "04000035", NULL, 0,
	  TOLD | HEADER_ICMP, TOLD | HEADER_PORTS | HEADER_SHORT },
	{ IP4("001c", "01") "0303000000000000", NULL, 0, TOLD | HEADER_ICMP | HEADER_SHORT },
	/* an error in an error is not followed */
	{ IP4("0038", "01") "0303000000000000" IP4("0038", "01") "0303000000000000", NULL, 0,
	  TOLD | HEADER_ICMP, TOLD | HEADER_ICMP | HEADER_SHORT },
	/* a VLAN's tags in front, and what is neither IP nor ARP */
	{ "00640800" IP4("0028", "06") TCP, NULL, WIRE_VLAN, TOLD | WHOLE_TCP },
	{ "006481000065" "86dd" IP6("0014", "06") TCP, NULL, WIRE_QINQ, TOLD | WHOLE_TCP },
	{ "0000000000000000", NULL, 0x88b5, 0 },
	{ "0000000000000000", NULL, 0, 0 },
	{ "", NULL, 0, 0 },
	/* ARP of another kind has no addresses here */
	{ "0006080006040001" "020000000001" "0a000001" "000000000000" "0a000002", NULL, WIRE_ARP,
	  HEADER_ARP },
	{ "0001080006040001" "020000000001" "0a000001" "000000000000" "0a000002", NULL, WIRE_ARP,
	  HEADER_ARP | HEADER_ADDR },
};
/* clang-format on */

/* from_hex - in a block of its own size, so that a sanitizer sees what is read beyond it */
static struct str from_hex(const char *hex)
{
	size_t n = strlen(hex) / 2;
	char *bytes = test_malloc(n ? n : 1);

	for (size_t i = 0; i < n; i++)
		bytes[i] = (char)(hex_value(hex[2 * i]) << 4 | hex_value(hex[2 * i + 1]));
	return (struct str){ bytes, n };
}

static void check(const struct row *row)
{
	struct str network = from_hex(row->network), transport = { NULL, 0 };
	struct header h = { 0 }, quoted = { 0 };
	bool quotes;

	if (row->transport) {
		transport = from_hex(row->transport);
		quotes = wire_parts(network, transport, row->ethertype, &h, &quoted);
	} else {
		quotes = wire_packet(network, row->ethertype, &h, &quoted);
	}
	if ((h.have & ~(uint32_t)HEADER_DF) != row->have)
		print_message("%s %s\n", row->network, row->transport ? row->transport : "");
	assert_int_equal(h.have & ~(uint32_t)HEADER_DF, row->have);
	assert_int_equal(quotes, row->quoted != 0);
	assert_int_equal(quoted.have & (quotes ? ~(uint32_t)HEADER_DF : 0), row->quoted);
	test_free((char *)network.p);
	if (row->transport)
		test_free((char *)transport.p);
}

static void headers_are_known_as_far_as_they_came(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

static void quote_starts_with_length_id_and_protocol(void **state)
{
	const struct header error = { .proto = 1, .icmp_type = 3 },
			    echo = { .proto = 1, .icmp_type = 8 },
			    error6 = { .proto = 58, .icmp_type = 1 };
	struct str ip4 = from_hex("450005dc5a5b40003f06ca5e"),
		   ip6 = from_hex("60048597000a113ffd000009");
	struct header h = { 0 };

	(void)state;
	assert_true(wire_quote(&error, ip4, &h));
	assert_int_equal(h.have, STARTED | HEADER_DF);
	assert_int_equal(h.family, FAMILY_IP);
	assert_int_equal(h.length, 1500);
	assert_int_equal(h.id, 0x5a5b);
	assert_int_equal(h.proto, 6);
	h = (struct header){ 0 };
	assert_true(wire_quote(&error6, ip6, &h));
	assert_int_equal(h.have, STARTED);
	assert_int_equal(h.family, FAMILY_IP6);
	assert_int_equal(h.length, 50);
	assert_int_equal(h.id, 0x48597);
	assert_int_equal(h.proto, 17);
	h = (struct header){ 0 };
	assert_false(wire_quote(&echo, ip4, &h));
	assert_int_equal(h.have, 0);
	test_free((char *)ip6.p);
	test_free((char *)ip4.p);
}

static void fields_have_the_units_of_a_log_line(void **state)
{
	struct str ip6 = from_hex(IP6("0014", "06") TCP);
	struct str ip4 = from_hex("45ff0028000180054006"
				  "0000"
				  "0a0000010a000002" TCP);
	struct header h = { 0 }, quoted = { 0 };

	(void)state;
	wire_packet(ip6, 0, &h, &quoted);
	assert_int_equal(h.length, 60);
	assert_int_equal(h.id, 0x12345);
	assert_int_equal(h.window, 0x1000);
	assert_int_equal(h.tcp_flags, TCP_SYN | TCP_ACK);
	h = (struct header){ 0 };
	wire_packet(ip4, 0, &h, &quoted);
	assert_int_equal(h.tos, 0xfe); /* the lowest bit is lost in a log line */
	assert_int_equal(h.frag, 40);
	assert_int_equal(h.have, TOLD | HEADER_FRAG | HEADER_CE);
	assert_memory_equal(h.src.b, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\x01", 16);
	test_free((char *)ip6.p);
	test_free((char *)ip4.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_known_as_far_as_they_came),
		cmocka_unit_test(quote_starts_with_length_id_and_protocol),
		cmocka_unit_test(fields_have_the_units_of_a_log_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
