/* SPDX-License-Identifier: GPL-2.0-or-later */
/* advice.c - commands to be tried, in the words of the tool that made the rules */
#include "finding.h"

#include "nfhop/addr.h"
#include "nfhop/own.h"

/* sysctl takes the dot in eth0.100 for a separator, and a slash for the dot. */
struct str sysctl_of(struct str device, const char *name)
{
	struct str s = text("net.ipv4.conf.%.*s.%s", STR_ARG(device), name);
	const size_t at = sizeof("net.ipv4.conf.") - 1;

	for (size_t i = at; s.p && i < at + device.n; i++)
		if (s.p[i] == '.')
			((char *)s.p)[i] = '/';
	return s;
}

/* The kernel takes the larger one of the two: IN_DEV_RPFILTER() of linux/inetdevice.h. */
void confirm_rp_filter(struct finding *f, struct str device)
{
	struct str own = device.n ? sysctl_of(device, "rp_filter") : STR("");

	finding_confirm(f, text("sysctl net.ipv4.conf.all.rp_filter%s%.*s", own.n ? " " : "",
				STR_ARG(own)));
	if (own.n)
		text_free(own);
}

void confirm_setting(struct finding *f, struct str device, const char *name, int value)
{
	struct str own = sysctl_of(device, name);

	finding_confirm(f, text("sysctl -w %.*s=%d", STR_ARG(own), value));
	text_free(own);
}

void confirm_route(struct finding *f, const struct route_query *query)
{
	struct addr_text dst = addr_text(&query->dst), src = addr_text(&query->src);
	struct str from = strcmp(src.s, "0.0.0.0") ? text(" from %s", src.s) : STR("");
	struct str iif = query->iif.n ? text(" iif %.*s", STR_ARG(query->iif)) : STR("");
	struct str mark = query->mark ? text(" mark 0x%x", query->mark) : STR("");

	finding_confirm(f, text("ip %sroute get %s%.*s%.*s%.*s",
				query->family == FAMILY_IP6 ? "-6 " : "", dst.s, STR_ARG(from),
				STR_ARG(iif), STR_ARG(mark)));
	if (from.n)
		text_free(from);
	if (iif.n)
		text_free(iif);
	if (mark.n)
		text_free(mark);
}

/* Where nftables is in use, the bare name is most often that of iptables-nft. */
const char *iptables_tool(const struct model *m, enum family family)
{
	static const char *const names[2][2] = {
		{ "iptables", "iptables-legacy" },
		{ "ip6tables", "ip6tables-legacy" },
	};
	const struct ruleset *rules = paths_rules(m->paths);
	struct table_list tables = rules ? ruleset_tables(rules) : (struct table_list){ 0 };
	bool nft = false;

	for (size_t i = 0; i < tables.n; i++)
		nft |= tables.at[i]->backend == BACKEND_NFT;
	return names[family == FAMILY_IP6][nft];
}

bool flow_by_nft(const struct model *m, const struct flow *flow)
{
	bool nft = false;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		size_t n = model_path_length(m, flow->paths[i].path);

		for (size_t k = 0; k < n; k++) {
			const struct step *s = paths_hop(m->paths, flow->paths[i].path, k).step;

			if (step_was_traced(s) && !(s->have & STEP_NFT))
				return false;
			nft |= (s->have & STEP_NFT) != 0;
		}
	}
	return nft;
}

const char *tool_of(const struct model *m, const struct table *table, enum family family)
{
	if (table->backend != BACKEND_NFT)
		return iptables_tool(m, family);
	if (!(table->flags & TABLE_IPTABLES_SYNTAX))
		return NULL;
	return family == FAMILY_IP6 ? "ip6tables-nft" : "iptables-nft";
}

const char *tool_at(const struct model *m, const struct hop_view *hop, enum family family)
{
	if (hop->meaning && hop->meaning->chain)
		return tool_of(m, hop->meaning->chain->table, family);
	return hop->nft ? NULL : iptables_tool(m, family);
}

void confirm_accept_ct(const struct model *m, struct finding *f, const struct hop_view *hop,
		       enum family family, bool related_alone)
{
	const char *tool = tool_at(m, hop, family);

	if (tool)
		finding_confirm(f, text("%s -t %.*s -I %.*s 1 -m conntrack --ctstate %sRELATED -j "
					"ACCEPT",
					tool, STR_ARG(hop->table), STR_ARG(hop->chain),
					related_alone ? "" : "ESTABLISHED,"));
	else
		finding_confirm(f, text("nft insert rule %s %.*s %.*s ct state %srelated accept",
					family_name(hop->family), STR_ARG(hop->table),
					STR_ARG(hop->chain), related_alone ? "" : "established,"));
}

void confirm_list(struct finding *f, const char *tool, enum family family, struct str table,
		  struct str chain)
{
	if (tool)
		finding_confirm(f, text("%s -t %.*s -L %.*s -n -v --line-numbers", tool,
					STR_ARG(table), STR_ARG(chain)));
	else
		finding_confirm(f, text("nft -a list chain %s %.*s %.*s", family_name(family),
					STR_ARG(table), STR_ARG(chain)));
}

void confirm_chain(const struct model *m, struct finding *f, const struct chain *chain,
		   enum family family)
{
	confirm_list(f, tool_of(m, chain->table, family), chain->table->family, chain->table->name,
		     chain->name);
}

/* Did legacy iptables tell of its hops, nftables of none but our own? */
static bool flow_by_legacy(const struct model *m, const struct flow *flow)
{
	bool legacy = false;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		size_t n = model_path_length(m, flow->paths[i].path);

		for (size_t k = 0; k < n; k++) {
			const struct step *s = paths_hop(m->paths, flow->paths[i].path, k).step;

			if ((s->have & STEP_NFT) &&
			    !is_own_table(s->family, sym_text(m->syms, s->table)))
				return false;
			legacy |= step_was_traced(s) && !(s->have & STEP_NFT);
		}
	}
	return legacy;
}

/* The table that translates addresses of @family, if there is one. */
static const struct table *table_of_nat(const struct model *m, enum family family)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list chains = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };

	for (size_t i = 0; i < chains.n; i++)
		if (is_nat_chain(chains.at[i]) && (chains.at[i]->table->family == family ||
						   chains.at[i]->table->family == FAMILY_INET))
			return chains.at[i]->table;
	return NULL;
}

/* The table whose tool the reader is most likely to know: his own, nft's before legacy's. */
static const struct table *table_in_use(const struct model *m)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct table_list tables = rules ? ruleset_tables(rules) : (struct table_list){ 0 };
	const struct table *found = NULL;

	for (size_t i = 0; i < tables.n; i++)
		if (!is_own_table(tables.at[i]->family, tables.at[i]->name) &&
		    (!found || found->backend != BACKEND_NFT))
			found = tables.at[i];
	return found;
}

/* A chain to translate in has to be made first. */
static void make_masquerade(struct finding *f, const char *family, struct str oif)
{
	finding_confirm(f, text("nft add table %s nat", family));
	finding_confirm(f, text("nft 'add chain %s nat postrouting { type nat hook postrouting "
				"priority srcnat; }'",
				family));
	finding_confirm(f, text("nft add rule %s nat postrouting oifname %.*s masquerade", family,
				STR_ARG(oif)));
}

static void add_masquerade(struct finding *f, const struct nat_wanted *want, const char *daddr)
{
	const struct table *table = want->chain->table;

	finding_confirm(f, text("nft %s rule %s %.*s %.*s oifname %.*s%s masquerade",
				want->first ? "insert" : "add", family_name(table->family),
				STR_ARG(table->name), STR_ARG(want->chain->name),
				STR_ARG(want->oif), daddr));
}

/* The tool of the table that does NAT; else of what the packets met; NULL: nft */
static const char *masquerade_tool(const struct model *m, const struct nat_wanted *want,
				   const struct flow *flow)
{
	enum family family = (enum family)flow->there.family;
	const struct table *table = want->chain ? want->chain->table : table_of_nat(m, family);

	if (!table && flow_by_legacy(m, flow))
		return iptables_tool(m, family);
	table = table ? table : table_in_use(m);
	if (table)
		return tool_of(m, table, family);
	return flow_by_nft(m, flow) ? NULL : iptables_tool(m, family);
}

void confirm_masquerade(const struct model *m, struct finding *f, const struct nat_wanted *want,
			const struct flow *flow)
{
	enum family family = (enum family)flow->there.family;
	const char *tool = masquerade_tool(m, want, flow);
	bool to = memcmp(&flow->there.ends.dst, &flow->left.ends.dst, sizeof(struct addr));
	struct addr_text dst = addr_text(&flow->left.ends.dst);
	struct str daddr = !to	  ? text("%s", "")
			   : tool ? text(" -d %s", dst.s)
				  : text(" %s daddr %s", family == FAMILY_IP6 ? "ip6" : "ip",
					 dst.s);

	if (tool)
		finding_confirm(f, text("%s -t nat %s POSTROUTING -o %.*s%.*s -j MASQUERADE", tool,
					want->first ? "-I" : "-A", STR_ARG(want->oif),
					STR_ARG(daddr)));
	else if (want->chain)
		add_masquerade(f, want, daddr.p ? daddr.p : "");
	else
		make_masquerade(f, family_name(family), want->oif);
	text_free(daddr);
}

void confirm_conntrack(struct finding *f, const char *what, const struct flow *flow)
{
	const struct tuple *there = &flow->there;
	const char *proto = there->known ? ip_proto_name(there->proto) : NULL;
	bool icmp = there->known && (there->proto == 1 || there->proto == 58);
	struct str p = proto ? text(" -p %s", there->proto == 58 ? "icmpv6" : proto)
			     : text("%s", "");
	struct str port = there->ports && !icmp ? text(" --sport %u --dport %u", there->ends.sport,
						       there->ends.dport)
						: text("%s", "");
	struct addr_text src = addr_text(&there->ends.src), dst = addr_text(&there->ends.dst);

	finding_confirm(f, text("conntrack -%s%s%.*s -s %s -d %s%.*s", what,
				there->family == FAMILY_IP6 ? " -f ipv6" : "", STR_ARG(p), src.s,
				dst.s, STR_ARG(port)));
	text_free(p);
	text_free(port);
}

void confirm_accept_type(const struct model *m, struct finding *f, const struct hop_view *hop,
			 enum family family, const struct icmp_type *type)
{
	const char *tool = tool_at(m, hop, family);

	if (tool)
		finding_confirm(f, text("%s -t %.*s -I %.*s 1 -p %s -j ACCEPT", tool,
					STR_ARG(hop->table), STR_ARG(hop->chain), type->xt));
	else
		finding_confirm(f, text("nft insert rule %s %.*s %.*s %s accept",
					family_name(hop->family), STR_ARG(hop->table),
					STR_ARG(hop->chain), type->nft));
}
