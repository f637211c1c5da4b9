/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show.c - a rule set as text, so that tests compare with what a person can read */
#include "show.h"

#include <arpa/inet.h>
#include <ctype.h>

#include "../../../src/ruleset/cond.h"

#define MANY 8 /* more values than this are only counted */

static void show_str(FILE *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (isprint((unsigned char)s.p[i]))
			fputc(s.p[i], out);
		else
			fprintf(out, "\\x%02x", (unsigned char)s.p[i]);
	}
}

static void show_word(FILE *out, const char *before, struct str s)
{
	if (!s.n)
		return;
	fputs(before, out);
	show_str(out, s);
}

static const char *addr_text(const struct addr *addr, char z[INET6_ADDRSTRLEN])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (!memcmp(addr->b, mapped, sizeof(mapped)))
		return inet_ntop(AF_INET, addr->b + 12, z, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET6, addr->b, z, INET6_ADDRSTRLEN);
}

static void show_addrs(FILE *out, const struct cond *cond)
{
	char z[3][INET6_ADDRSTRLEN];

	for (uint32_t i = 0; i < cond->n; i++)
		fprintf(out, " %s..%s&%s", addr_text(&cond->addrs[i].lo, z[0]),
			addr_text(&cond->addrs[i].hi, z[1]), addr_text(&cond->addrs[i].mask, z[2]));
}

static void show_values(FILE *out, const struct cond *cond)
{
	if (cond->n > MANY) {
		fprintf(out, " (%u values)", cond->n);
		return;
	}
	switch (cond->field) {
	case COND_OTHER:
		break;
	case COND_TUPLE:
		fprintf(out, " of %u", cond->n_parts);
		for (uint8_t k = 0; k < cond->n_parts; k++) {
			fputs(k ? " ." : ":", out);
			show_values(out, &cond->parts[k]);
		}
		break;
	case COND_SRC:
	case COND_DST:
		show_addrs(out, cond);
		break;
	case COND_IIF:
	case COND_OIF:
		for (uint32_t i = 0; i < cond->n; i++) {
			show_word(out, " ", cond->names[i].name);
			fputs(cond->names[i].prefix ? "..." : "", out);
		}
		break;
	default:
		for (uint32_t i = 0; i < cond->n; i++)
			fprintf(out, " %u..%u&%x", cond->nums[i].lo, cond->nums[i].hi,
				cond->nums[i].mask);
	}
}

static void show_cond(FILE *out, const struct cond *cond)
{
	static const char *const names[] = { "OTHER", "family", "proto", "src",	     "dst",
					     "iif",   "oif",	"sport", "dport",    "port",
					     "icmp",  "flags",	"mark",	 "ct state", "tuple" };

	_Static_assert(sizeof(names) / sizeof(*names) == COND_FIELD_MAX, "a field has no name");
	fprintf(out, "\t\t\t%s%s%s%s", names[cond->field], cond->negated ? " not" : "",
		cond->set ? " set" : "", cond->map ? " map" : "");
	show_values(out, cond);
	show_word(out, "  <", cond->text);
	fputs(">\n", out);
}

static void show_nat(FILE *out, const struct nat_target *nat)
{
	char z[2][INET6_ADDRSTRLEN];

	fprintf(out, "\t\t\tnat %s%s%s", nat->source ? "source" : "destination",
		nat->by_device ? " by device" : "", nat->by_map ? " by map" : "");
	if (nat->have & NAT_TARGET_ADDR)
		fprintf(out, " %s..%s", addr_text(&nat->addr[0], z[0]),
			addr_text(&nat->addr[1], z[1]));
	if (nat->have & NAT_TARGET_PORT)
		fprintf(out, " ports %u..%u", nat->port[0], nat->port[1]);
	fputc('\n', out);
}

static void show_flags(FILE *out, uint32_t flags)
{
	static const char *const names[] = { "",
					     "",
					     " unconditional",
					     " ct",
					     " map",
					     " logs",
					     " traces",
					     " marks",
					     " notrack",
					     " to-socket",
					     " zone",
					     " saves-mark",
					     " restores-mark" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (flags >> i & 1)
			fputs(names[i], out);
}

static void show_rule(FILE *out, const struct rule *rule)
{
	const char *verdict = verdict_name(rule->verdict);

	fprintf(out, "\t\t%u", rule->number);
	if (rule->flags & RULE_HANDLE)
		fprintf(out, " handle %llu", (unsigned long long)rule->handle);
	fprintf(out, " line %u %s", rule->line, verdict ? verdict : "?");
	show_word(out, " -> ", rule->target);
	fputs(rule->to ? " (chain)" : "", out);
	show_flags(out, rule->flags);
	if (rule->flags & RULE_COUNTERS)
		fprintf(out, " [%llu:%llu]", (unsigned long long)rule->packets,
			(unsigned long long)rule->bytes);
	show_word(out, " comment=", rule->comment);
	if (rule->flags & RULE_LOGS)
		fprintf(out, " prefix=%.*s|", STR_ARG(rule->prefix));
	show_word(out, "\n\t\t\t`", rule->text);
	fputs(rule->text.n ? "`\n" : "\n", out);
	if (rule->nat)
		show_nat(out, rule->nat);
	for (uint32_t i = 0; i < rule->n_conds; i++)
		show_cond(out, &rule->conds[i]);
}

static void show_chain(FILE *out, const struct chain *chain)
{
	const char *policy = verdict_name(chain->policy);

	fputs("\tchain ", out);
	show_str(out, chain->name);
	if (chain->have & CHAIN_BASE)
		fprintf(out, " hook %s policy %s", hook_name(chain->hook), policy ? policy : "?");
	if (chain->have & CHAIN_PRIORITY)
		fprintf(out, " priority %d", chain->priority);
	if (chain->have & CHAIN_HANDLE)
		fprintf(out, " handle %llu", (unsigned long long)chain->handle);
	if (chain->have & CHAIN_COUNTERS)
		fprintf(out, " [%llu:%llu]", (unsigned long long)chain->packets,
			(unsigned long long)chain->bytes);
	show_word(out, " device ", chain->device);
	fprintf(out, " line %u\n", chain->line);
	for (uint32_t i = 0; i < chain->n_rules; i++)
		show_rule(out, &chain->rules[i]);
}

static void show_table(FILE *out, const struct table *table)
{
	static const char *const backends[] = { "any", "xt", "nft" };
	static const char *const flags[] = { " dormant",    " name-assumed",   " family-assumed",
					     " no-handles", " devices-hidden", " iptables" };

	fprintf(out, "table %s %s ", backends[table->backend], family_name(table->family));
	show_str(out, table->name);
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		fputs(table->flags >> i & 1 ? flags[i] : "", out);
	fprintf(out, " line %u\n", table->line);
}

void show_ruleset(FILE *out, const struct ruleset *rs)
{
	const struct ruleset_note *notes;
	size_t n = ruleset_notes(rs, &notes);
	struct chain_list chains = ruleset_chains(rs);
	struct table_list tables = ruleset_tables(rs);

	for (size_t i = 0; i < n; i++)
		fprintf(out, "note %.*s: %s\n", STR_ARG(notes[i].table->name), notes[i].text);
	for (size_t i = 0; i < tables.n; i++) {
		show_table(out, tables.at[i]);
		for (size_t k = 0; k < chains.n; k++)
			if (chains.at[k]->table == tables.at[i])
				show_chain(out, chains.at[k]);
	}
}

void show_error(FILE *out, int ret, const struct ruleset_error *err)
{
	fprintf(out, "error %d %s:%u:%u: expected %s, found ", ret, err->file, err->line,
		err->column, err->expected);
	show_str(out, err->found);
	fputc('\n', out);
}

struct ruleset *show_load(const char *name, struct str text, int *ret, struct ruleset_error *err)
{
	struct ruleset *rs = ruleset_create();

	*ret = ruleset_load(rs, name, text, err);
	if (!*ret)
		*ret = ruleset_seal(rs, err);
	if (!*ret)
		return rs;
	ruleset_destroy(rs);
	return NULL;
}
