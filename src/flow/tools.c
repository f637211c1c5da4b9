/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tools.c - what the tool that wrote a chain says of it in its own words */
#include "finding.h"

#include <ctype.h>

/* Shortens @name by the first of @ends that it has. */
static struct str less_end(struct str name, const struct str *ends, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (name.n > ends[i].n && str_eq(str_skip(name, name.n - ends[i].n), ends[i]))
			return str_first(name, name.n - ends[i].n);
	return name;
}

/* clang-format off */
#define S(text) { text, sizeof(text) - 1 }
/* firewalld 0.9 and later: filter_IN_public_allow, filter_FWD_policy_allow-host-ipv6 */
static const struct str begins[] = {
	S("filter_IN_"), S("filter_FWD_"), S("filter_FWDI_"), S("filter_FWDO_"), S("filter_OUT_"),
};
static const struct str ends[] = {
	S("_pre"), S("_log"), S("_deny"), S("_allow"), S("_post"),
};
#undef S
/* clang-format on */

#define N_OF(list) (sizeof(list) / sizeof(*(list)))

/* A log may have any name in it, and a command is copied to a shell. */
static bool is_plain(struct str name)
{
	for (size_t i = 0; i < name.n; i++)
		if (!isalnum((unsigned char)name.p[i]) && name.p[i] != '_' && name.p[i] != '-')
			return false;
	return name.n;
}

/* "@command NAME" */
static void confirm_named(struct finding *f, const char *command, struct str name)
{
	if (is_plain(name))
		finding_confirm(f, text("%s%.*s", command, STR_ARG(name)));
}

static void confirm_firewalld(struct finding *f, struct str chain)
{
	const struct str policy = STR("policy_");
	struct str name = { 0 };

	for (size_t i = 0; i < N_OF(begins) && !name.n; i++)
		if (str_starts(chain, begins[i]))
			name = less_end(str_skip(chain, begins[i].n), ends, N_OF(ends));
	if (str_starts(name, policy))
		confirm_named(f, "firewall-cmd --info-policy=", str_skip(name, policy.n));
	else
		confirm_named(f, "firewall-cmd --info-zone=", name);
}

/* Does a rule of @chain lead to one whose name begins so? */
static bool leads_to(const struct chain *chain, struct str word)
{
	for (uint32_t i = 1; chain && i <= chain->n_rules; i++) {
		const struct rule *rule = chain_rule(chain, i);

		if (rule->to && str_starts(rule->to->name, word))
			return true;
	}
	return false;
}

void confirm_by_tool(struct finding *f, const struct hop_view *hop)
{
	const struct chain *chain = hop->meaning ? hop->meaning->chain : NULL;
	const struct str f2b = STR("f2b-");

	if (str_eq(hop->table, STR("firewalld")))
		confirm_firewalld(f, hop->chain);
	else if (str_eq(hop->table, STR("fw4")))
		finding_confirm(f, text("uci show firewall"));
	else if (str_starts(hop->chain, f2b) && !str_eq(hop->chain, STR("f2b-chain")))
		confirm_named(f, "fail2ban-client status ", str_skip(hop->chain, f2b.n));
	else if (str_starts(hop->chain, STR("ufw-")) || str_starts(hop->chain, STR("ufw6-")) ||
		 leads_to(chain, STR("ufw-")) || leads_to(chain, STR("ufw6-")))
		finding_confirm(f, text("ufw status verbose"));
}
