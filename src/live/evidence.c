// SPDX-License-Identifier: GPL-2.0-or-later
/* evidence.c - writes down how this host is set up now (doc/evidence.md) */
#include "nfhop/evidence.h"

#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "nfhop/hash.h"

#include "host.h"
#include "routes.h"

/* What is taken as it is. */
static const char *const files[] = {
	"proc/sys/net/ipv4/ip_forward",
	"proc/sys/net/ipv6/conf/all/forwarding",
	"proc/sys/net/netfilter/nf_conntrack_count",
	"proc/sys/net/netfilter/nf_conntrack_max",
	"proc/sys/net/netfilter/nf_conntrack_tcp_loose",
	"proc/net/ip_tables_names",
	"proc/net/ip6_tables_names",
	"proc/net/netfilter/nf_log",
	"proc/net/netfilter/nfnetlink_log",
	"proc/net/snmp",
	"proc/net/netstat",
	"proc/net/snmp6",
	"proc/net/stat/rt_cache",
	"proc/net/stat/nf_conntrack",
	"proc/net/xfrm_stat",
};

/* Files of each device. */
static const struct {
	const char *key, *file;
} confs[] = {
	{ "forward4", "forwarding" },
	{ "rp_filter", "rp_filter" },
	{ "route_localnet", "route_localnet" },
};

#define CONF "proc/sys/net/ipv4/conf"

static void put_text(FILE *out, struct str text)
{
	fwrite(text.p, 1, text.n, out);
	if (text.n && text.p[text.n - 1] != '\n')
		fputc('\n', out);
}

static void put_file(FILE *out, const char *root, const char *path)
{
	struct str text;

	if (host_read(root, path, &text) < 0)
		return;
	fprintf(out, "[%s]\n", path);
	put_text(out, text);
	free((char *)text.p);
}

static void put_conf(FILE *out, const char *root, size_t i, const char *device)
{
	char path[512];
	struct str text;

	snprintf(path, sizeof(path), CONF "/%s/%s", device, confs[i].file);
	if (host_read(root, path, &text) < 0)
		return;
	while (text.n && text.p[text.n - 1] == '\n')
		text.n--;
	fprintf(out, "%s %.*s %s\n", confs[i].key, STR_ARG(text), device);
	free((char *)text.p);
}

static void put_confs(FILE *out, const char *root)
{
	struct host_names names;

	if (host_list(root, CONF, &names) < 0)
		return;
	fputs("[conf]\n", out);
	for (size_t i = 0; i < sizeof(confs) / sizeof(*confs); i++)
		for (size_t k = 0; k < names.n; k++)
			put_conf(out, root, i, names.names[k]);
	host_names_free(&names);
}

/* What /proc calls this network namespace: net:[4026531840] */
static void put_inode(FILE *out, const char *root)
{
	char path[512];
	struct stat st;

	snprintf(path, sizeof(path), "%s/proc/thread-self/ns/net", root);
	if (!stat(path, &st))
		fprintf(out, "inode %ju\n", (uintmax_t)st.st_ino);
}

static void put_netns(FILE *out, const char *root, const char *netns,
		      enum evidence_switch all_netns)
{
	fputs("[netns]\n", out);
	/* the sysctl shows in the initial network namespace only */
	if (host_exists(root, "proc/sys/net/netfilter"))
		fprintf(out, "initial %d\n",
			host_exists(root, "proc/sys/net/netfilter/nf_log_all_netns"));
	if (all_netns != SWITCH_UNKNOWN)
		fprintf(out, "all_netns %d\n", all_netns == SWITCH_ON);
	put_inode(out, root);
	if (netns && !strchr(netns, '\n'))
		fprintf(out, "name %s\n", netns);
}

/* "  sl  local_address rem_address   st ...", "  12: 00000000:0043 00000000:0000 07 ..." */
static bool is_bound(struct str sockets, unsigned int port)
{
	char want[8];

	snprintf(want, sizeof(want), ":%04X ", port);
	for (size_t n; sockets.n; sockets = str_skip(sockets, n + 1)) {
		size_t at;

		n = str_find(sockets, STR("\n"));
		at = str_find(str_first(sockets, n), STR(": "));
		if (at + 16 <= n && !memcmp(sockets.p + at + 10, want, 6))
			return true;
	}
	return false;
}

/* Does a program here serve DHCP, or ask for an address? */
static void put_bound(FILE *out, const char *root)
{
	struct str sockets;

	if (host_read(root, "proc/net/udp", &sockets) < 0)
		return;
	fprintf(out, "[bound]\nudp 67 %d\nudp 68 %d\n", is_bound(sockets, 67),
		is_bound(sockets, 68));
	free((char *)sockets.p);
}

int evidence_gather(const char *root, const char *netns, enum evidence_switch all_netns,
		    struct str *text)
{
	char *buf = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&buf, &n);

	*text = (struct str){ NULL, 0 };
	if (!out)
		return -ENOMEM;
	fputs("[evidence 1]\n", out);
	put_netns(out, root, netns, all_netns);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		put_file(out, root, files[i]);
	put_confs(out, root);
	put_bound(out, root);
	if (!*root)
		routes_write(out);
	fputs("[end]\n", out);
	if (fclose(out) != 0) {
		free(buf);
		return -ENOMEM;
	}
	*text = (struct str){ buf, n };
	return 0;
}

uint64_t evidence_devices(void)
{
	struct if_nameindex *devices = if_nameindex();
	uint64_t h = 0;

	for (size_t i = 0; devices && devices[i].if_index; i++)
		h += hash_bytes(devices[i].if_name, strlen(devices[i].if_name));
	if (devices)
		if_freenameindex(devices);
	return h;
}
