// SPDX-License-Identifier: GPL-2.0-or-later
/* test_proc.c - what the texts of /proc say, and who reads an NFLOG group */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "nfhop/nflog_owner.h"

#include "proc.h"
#include "root.h"

/* As Linux 6.18 prints them. */
#define NF_LOG                                                                                     \
	" 0 NONE (nfnetlink_log)\n"                                                                \
	" 2 nfnetlink_log (nf_log_ipv4,nfnetlink_log)\n"                                           \
	" 3 nf_log_arp (nf_log_arp,nfnetlink_log)\n"                                               \
	"10 nf_log_ipv6 (nf_log_ipv6,nfnetlink_log)\n"                                             \
	"12 NONE ()\n"
#define GROUPS                                                                                     \
	"    0 2847163     0 2 65531    100  1\n"                                                  \
	"    5    812      0 2 65531    100  1\n"                                                  \
	"    7   4444      0 2 65531    100  1\n"
#define SOCKETS                                                                                    \
	"sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    "      \
	"Inode\n"                                                                                  \
	"000000008566d5d0 0   812        00000000 0        0        0     2        0        4\n"   \
	"00000000512a6bd6 12  2847163    00000000 0        0        0     2        0        557\n" \
	"00000000512a6bd7 12  812        00000100 0        0        0     2        17       558\n" \
	"00000000512a6bd8 12  5555       00000000 0        0        0     2\n"

static const struct {
	const char *text;
	unsigned int family;
	const char *want; /* name and what is available, or NULL */
} loggers[] = {
	{ NF_LOG, 2, "nfnetlink_log nf_log_ipv4,nfnetlink_log" },
	{ NF_LOG, 10, "nf_log_ipv6 nf_log_ipv6,nfnetlink_log" },
	{ NF_LOG, 0, "NONE nfnetlink_log" },
	{ NF_LOG, 12, "NONE " },
	{ NF_LOG, 7, NULL },
	{ "", 2, NULL },
	{ "2", 2, NULL },
	{ "2 x", 2, "x " },
	{ "2 x (", 2, "x " },
	{ "no number", 2, NULL },
	{ "99999999999999999999 x (y)\n2 a (b)\n", 2, "a b" },
};

static void test_loggers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(loggers) / sizeof(*loggers); i++) {
		struct logger logger;
		char got[128];

		if (!proc_logger(str_from(loggers[i].text), loggers[i].family, &logger)) {
			assert_null(loggers[i].want);
			continue;
		}
		snprintf(got, sizeof(got), "%.*s %.*s", STR_ARG(logger.name),
			 STR_ARG(logger.available));
		assert_non_null(loggers[i].want);
		assert_string_equal(got, loggers[i].want);
	}
}

static const struct {
	const char *text;
	unsigned int protocol;
	uint32_t portid;
	uint64_t want;
} inodes[] = {
	{ SOCKETS, 12, 2847163, 557 }, { SOCKETS, 12, 812, 558 }, { SOCKETS, 0, 812, 4 },
	{ SOCKETS, 12, 4444, 0 },      { SOCKETS, 12, 5555, 0 },  { "", 12, 812, 0 },
};

static void test_inodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(inodes) / sizeof(*inodes); i++)
		assert_int_equal(proc_netlink_inode(str_from(inodes[i].text), inodes[i].protocol,
						    inodes[i].portid),
				 inodes[i].want);
}

static void test_numbers(void **state)
{
	uint64_t n = 77;

	(void)state;
	assert_true(proc_field(str_from("Name:\tx\nCapEff:\t000001fffeffffff\nCapBnd:\t1\n"),
			       STR("CapEff:"), 16, &n));
	assert_true(n == 0x1fffeffffff);
	assert_false(proc_field(str_from("CapEff:\txyz\n"), STR("CapEff:"), 16, &n));
	assert_false(proc_field(str_from("CapEff:"), STR("CapEff:"), 16, &n));
	assert_true(proc_value(str_from("4\t4\t1\t7\n"), &n));
	assert_int_equal(n, 4);
	assert_false(proc_value(str_from("\n"), &n));
	assert_false(proc_number(STR("18446744073709551616"), 10, &n));
	assert_true(proc_number(STR("18446744073709551615"), 10, &n));
	assert_true(n == UINT64_MAX);
	assert_true(proc_holds(str_from("nat\nraw\n"), STR("raw")));
	assert_false(proc_holds(str_from("nat\nrawest\n"), STR("raw")));
}

static const struct {
	unsigned int group;
	int want, pid;
	const char *program;
} owners[] = {
	{ 0, 1, 900, "ulogd" }, /* a port that is no process number */
	{ 5, 1, 812, "tcp\tdump" },
	{ 7, 1, 0, "" }, /* its socket is not listed */
	{ 1, 0, 0, "" },
};

static void test_owners(void **state)
{
	const char *root = root_make();
	struct nflog_owner owner;

	(void)state;
	assert_int_equal(nflog_owner_find(root, 0, &owner), -ENOENT);
	root_file("proc/net/netfilter/nfnetlink_log", GROUPS);
	root_file("proc/net/netlink", SOCKETS);
	root_file("proc/812/comm", "tcp\tdump\n");
	root_link("proc/812/fd/3", "socket:[558]");
	root_file("proc/900/comm", "ulogd\n");
	root_link("proc/900/fd/0", "/dev/null");
	root_link("proc/900/fd/11", "socket:[557]");
	root_file("proc/2847163/comm", "innocent\n");
	root_link("proc/2847163/fd/1", "socket:[55]");
	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++) {
		assert_int_equal(nflog_owner_find(root, owners[i].group, &owner), owners[i].want);
		if (!owners[i].want)
			continue;
		assert_int_equal(owner.pid, owners[i].pid);
		assert_string_equal(owner.program, owners[i].program);
	}
	root_remove();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loggers),
		cmocka_unit_test(test_inodes),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
