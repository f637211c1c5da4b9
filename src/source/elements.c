// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * elements.c - elements of named sets and maps, for a listing that was made without them
 *
 * A set may have millions, and libnftables lists all or none. So the kernel is asked first, and
 * counted up to as many as a reader of rules may want.
 */
#include "elements.h"

#include <ctype.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "nfhop/words.h"

#include "events.h"

#define ONE_SET	 1024 /* of one set, and of all: those of intervals count twice */
#define ALL_SETS 4096

#define TYPE(message) (NFNL_SUBSYS_NFTABLES << 8 | (message))

void elements_open(struct elements *e)
{
	*e = (struct elements){ .left = ALL_SETS };
}

void elements_close(struct elements *e)
{
	if (e->nft)
		nft_ctx_free(e->nft);
	e->nft = NULL;
}

/* A name goes into a command: what nft itself would not read as one word is none (scanner.l). */
static bool is_word(const char *name)
{
	if (!isalpha((unsigned char)*name) && *name != '_')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("/_.-", *name))
			return false;
	return true;
}

static bool ask(struct mnl_socket *nl, const struct set_name *set)
{
	_Alignas(8) char buf[2048];
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;
	enum family family = family_of_word(str_from(set->family));

	if (!family)
		return false;
	msg->nlmsg_type = TYPE(NFT_MSG_GETSETELEM);
	msg->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	head = mnl_nlmsg_put_extra_header(msg, sizeof(*head));
	head->nfgen_family = (uint8_t)family;
	head->version = NFNETLINK_V0;
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_TABLE, set->table);
	mnl_attr_put_strz(msg, NFTA_SET_ELEM_LIST_SET, set->name);
	return mnl_socket_sendto(nl, msg, msg->nlmsg_len) >= 0;
}

static int count_one(const struct nlattr *element, void *n)
{
	(void)element;
	++*(unsigned int *)n;
	return MNL_CB_OK;
}

/* Add what one datagram has; Return: false behind the last, or after an error: then *@ok is so */
static bool count_datagram(char *buf, ssize_t size, unsigned int *n, bool *ok)
{
	const struct nlmsghdr *msg = (const struct nlmsghdr *)(void *)buf;
	struct nlattr *attrs[NFTA_SET_ELEM_LIST_ELEMENTS + 1];
	int left = (int)size;

	for (; mnl_nlmsg_ok(msg, left); msg = mnl_nlmsg_next(msg, &left)) {
		if (msg->nlmsg_type == NLMSG_DONE || msg->nlmsg_type == NLMSG_ERROR) {
			*ok = msg->nlmsg_type == NLMSG_DONE;
			return false;
		}
		events_attrs(msg, attrs, NFTA_SET_ELEM_LIST_ELEMENTS + 1);
		if (attrs[NFTA_SET_ELEM_LIST_ELEMENTS])
			mnl_attr_parse_nested(attrs[NFTA_SET_ELEM_LIST_ELEMENTS], count_one, n);
	}
	return size > 0;
}

/* Return: false if there are more than @most, or nobody says; a socket of its own ends the dump */
static bool count(const struct set_name *set, unsigned int most, unsigned int *n)
{
	_Alignas(8) char buf[32768]; /* as long as the kernel's datagrams of a dump */
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	bool ok = false;

	*n = 0;
	if (!nl)
		return false;
	if (!mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) && ask(nl, set))
		while (*n <= most &&
		       count_datagram(buf, mnl_socket_recvfrom(nl, buf, sizeof(buf)), n, &ok)) {
		}
	mnl_socket_close(nl);
	return ok && *n <= most;
}

/* What `list set` prints of its elements, to the end of the set. */
static void put_listed(FILE *out, const char *listed)
{
	static const char begins[] = "\t\telements = ";
	const char *from = strstr(listed, begins);
	const char *to = from ? strstr(from, "\n\t}") : NULL;

	if (to)
		fwrite(from, 1, (size_t)(to + 1 - from), out);
}

static void list(struct elements *e, FILE *out, const struct set_name *set)
{
	char command[1024];
	int n = snprintf(command, sizeof(command), "list %s %s %s %s", set->kind, set->family,
			 set->table, set->name);

	if (n < 0 || n >= (int)sizeof(command))
		return;
	if (!e->nft) {
		e->nft = nft_ctx_new(NFT_CTX_DEFAULT);
		if (!e->nft)
			return;
		nft_ctx_output_set_flags(e->nft, NFT_CTX_OUTPUT_STATELESS);
		nft_ctx_buffer_output(e->nft);
		nft_ctx_buffer_error(e->nft);
	}
	if (!nft_run_cmd_from_buffer(e->nft, command))
		put_listed(out, nft_ctx_get_output_buffer(e->nft));
}

void elements_put(struct elements *e, FILE *out, const struct set_name *set)
{
	unsigned int n;

	if (!is_word(set->table) || !is_word(set->name) ||
	    !count(set, e->left < ONE_SET ? e->left : ONE_SET, &n))
		return;
	e->left -= n;
	if (n)
		list(e, out, set);
	else
		fputs("\t\telements = { }\n", out);
}
