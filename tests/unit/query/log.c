/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.c - six packets and the rules that they met, for tests of filters and expectations */
#include "log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "nfhop/split.h"

/* clang-format off */
#define HOP(up, place, devices, rest) "<4>[ " up "] TRACE: " place " " devices " " rest " \n"
#define LOG(up, prefix, devices, rest) "<4>[ " up "] " prefix " " devices " " rest " \n"
#define IP(src, dst, len, ttl, id) \
	"SRC=" src " DST=" dst " LEN=" len " TOS=0x00 PREC=0x00 TTL=" ttl " ID=" id " "
#define TCP(ports, flags) "PROTO=TCP " ports " SEQ=1 ACK=0 WINDOW=64240 RES=0x00 " flags " URGP=0"
#define IN  "IN=zt7 OUT="
#define FWD "IN=zt7 OUT=eth1"
#define OUT "IN= OUT=eth1"

/* 1: forwarded, SNAT by nat:POSTROUTING:rule:1; 2: its answer, turned back; 3: dropped by rule 2 of
 * WEB; 4: a fragment that filter's policy drops; 5: made here, logged with its user; 6: only logged */
#define P1 IP("192.168.7.2", "198.51.100.9", "60", "64", "11")
#define P1F IP("192.168.7.2", "198.51.100.9", "60", "63", "11")
#define P1T TCP("SPT=4000 DPT=443", "SYN")
#define P2 IP("198.51.100.9", "203.0.113.1", "52", "60", "12")
#define P2B IP("198.51.100.9", "192.168.7.2", "52", "59", "12")
#define P2T TCP("SPT=443 DPT=4000", "ACK SYN")
#define P3 IP("192.168.7.3", "10.0.0.9", "1400", "64", "13")
#define P3F IP("192.168.7.3", "10.0.0.9", "1400", "63", "13")
#define P3T TCP("SPT=4001 DPT=8080", "ACK PSH")
#define P4 IP("192.168.7.4", "10.0.0.9", "100", "64", "14") "FRAG:185 PROTO=UDP"
#define P4F IP("192.168.7.4", "10.0.0.9", "100", "63", "14") "FRAG:185 PROTO=UDP"
#define P5 IP("203.0.113.1", "198.51.100.53", "70", "64", "15") "PROTO=UDP SPT=5353 DPT=53 LEN=50 UID=1000 GID=1000"
#define P6 IP("192.168.7.6", "10.0.0.9", "84", "64", "16") "PROTO=ICMP TYPE=8 CODE=0 ID=9 SEQ=1"

static const char *const log_lines[] = {
	HOP("1.000", "raw:PREROUTING:policy:2", IN, P1 P1T),
	HOP("1.000", "mangle:PREROUTING:rule:1", IN, P1 P1T),
	HOP("1.000", "mangle:PREROUTING:policy:2", IN, P1 P1T " MARK=0x17"),
	HOP("1.000", "nat:PREROUTING:policy:1", IN, P1 P1T " MARK=0x17"),
	HOP("1.000", "mangle:FORWARD:policy:1", FWD, P1F P1T " MARK=0x17"),
	HOP("1.000", "filter:FORWARD:rule:1", FWD, P1F P1T " MARK=0x17"),
	HOP("1.000", "mangle:POSTROUTING:policy:1", OUT, P1F P1T " MARK=0x17"),
	HOP("1.000", "nat:POSTROUTING:rule:1", OUT, P1F P1T " MARK=0x17"),
	HOP("1.100", "raw:PREROUTING:policy:2", "IN=eth1 OUT=", P2 P2T),
	HOP("1.100", "mangle:PREROUTING:policy:2", "IN=eth1 OUT=", P2 P2T),
	HOP("1.100", "mangle:FORWARD:policy:1", "IN=eth1 OUT=zt7", P2B P2T),
	HOP("1.100", "filter:FORWARD:rule:2", "IN=eth1 OUT=zt7", P2B P2T),
	HOP("1.100", "mangle:POSTROUTING:policy:1", "IN= OUT=zt7", P2B P2T),
	HOP("2.000", "raw:PREROUTING:policy:2", IN, P3 P3T),
	HOP("2.000", "mangle:PREROUTING:policy:2", IN, P3 P3T),
	HOP("2.000", "mangle:FORWARD:policy:1", FWD, P3F P3T),
	HOP("2.000", "filter:FORWARD:rule:3", FWD, P3F P3T),
	HOP("2.000", "filter:WEB:rule:2", FWD, P3F P3T),
	HOP("3.000", "raw:PREROUTING:policy:2", IN, P4),
	HOP("3.000", "mangle:PREROUTING:policy:2", IN, P4),
	HOP("3.000", "mangle:FORWARD:policy:1", FWD, P4F),
	HOP("3.000", "filter:FORWARD:policy:5", FWD, P4F),
	HOP("4.000", "raw:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "mangle:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "nat:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "filter:OUTPUT:policy:1", OUT, P5),
	HOP("4.000", "mangle:POSTROUTING:policy:1", OUT, P5),
	HOP("4.000", "nat:POSTROUTING:policy:2", OUT, P5),
	LOG("9.000", "web-in:", IN, P6),
};

static const char rules_text[] =
	"*raw\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	"-A PREROUTING -j TRACE\nCOMMIT\n"
	"*mangle\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
	":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n"
	"-A PREROUTING -p tcp --dport 443 -j MARK --set-xmark 0x17\nCOMMIT\n"
	"*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	":POSTROUTING ACCEPT [0:0]\n"
	"-A POSTROUTING -s 192.168.7.0/24 -o eth1 -j SNAT --to-source 203.0.113.1\nCOMMIT\n"
	"*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n:WEB - [0:0]\n"
	"-A FORWARD -i zt+ -p tcp --dport 443 -m comment --comment \"allow https\" -j ACCEPT\n"
	"-A FORWARD -o zt+ -j ACCEPT\n"
	"-A FORWARD -p tcp -j WEB\n"
	"-A FORWARD -p tcp -d 10.0.0.9 -j ACCEPT\n"
	"-A WEB -p tcp --dport 80 -j ACCEPT\n"
	"-A WEB -p tcp --dport 8080 -m comment --comment \"no proxy\" -j DROP\n"
	"-A WEB -d 10.0.0.9 -m comment --comment late -j ACCEPT\n"
	"-A WEB -d 10.0.0.9 -m limit --limit 1/s -j ACCEPT\n-A WEB -p udp -j ACCEPT\n"
	"-A WEB -j RETURN\n-A WEB -p tcp --dport 9 -j DROP\n"
	"COMMIT\n";

/* clang-format on */

struct model *log_model(const struct ruleset *rules, const struct model_config *given)
{
	struct model_config config = given ? *given : model_config_default();
	struct split split = { .source = 0 };
	struct model *m;
	struct record rec;

	config.rules = rules;
	config.max_kept = 100;
	m = model_create(&config, NULL);
	assert_non_null(m);
	for (size_t i = 0; i < sizeof(log_lines) / sizeof(*log_lines); i++) {
		assert_true(split_next(&split, str_from(log_lines[i]), true, &rec));
		assert_int_equal(model_feed(m, &rec), 0);
	}
	model_end(m);
	assert_int_equal(model_packet_count(m), LOG_PACKETS);
	return m;
}

struct ruleset *log_rules(const char *nft)
{
	struct ruleset *rs = ruleset_create();
	struct ruleset_error e;

	assert_int_equal(ruleset_load(rs, "rules", str_from(rules_text), &e), 0);
	if (nft)
		assert_int_equal(ruleset_load(rs, "nft", str_from(nft), &e), 0);
	assert_int_equal(ruleset_seal(rs, &e), 0);
	return rs;
}
