/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_load.c - have one text read by one loader, and use all that comes of it */
#include "fuzz_load.h"

#include <limits.h>
#include <stdlib.h>

#include "nfhop/ruleset.h"

static void ask_rule(const struct ruleset *rs, const struct rule *rule)
{
	static const struct header pkt = { .have = UINT32_MAX, .family = FAMILY_IP, .proto = 6 };
	const struct chain *chain = rule->chain;
	struct sighting seen = { .pkt = &pkt, .iif = STR("eth0"), .have = UINT8_MAX };
	struct rule_miss miss;
	struct hop_meaning end;
	enum match match = rule_match(rule, &seen, &miss);

	/* what stands in the listing is found again, and what does not fit is named */
	if (chain_rule(chain, rule->number) != rule || (match == MATCH_YES) != !miss.field)
		abort();
	if (rule->flags & RULE_LOGS && !ruleset_logs(rs, rule->prefix).n)
		abort();
	/* a rule is named or, for a policy, a base chain */
	if (rule->flags & RULE_LOGS &&
	    ruleset_behind(rs, rule->prefix, &seen, UINT_MAX, &end) == BEHIND_END &&
	    (!end.chain || (end.is == HOP_IS_POLICY ? !(end.chain->have & CHAIN_BASE) : !end.rule)))
		abort();
	if (rule->flags & RULE_HANDLE)
		ruleset_rule_by_handle(rs, chain->table->family, chain->table->name, rule->handle);
}

static void ask_chain(const struct ruleset *rs, const struct chain *chain)
{
	struct hop_name hop = { .backend = chain->table->backend,
				.family = chain->table->family,
				.table = chain->table->name,
				.chain = chain->name,
				.have = HOP_NAME_NUMBER };

	for (uint32_t i = 0; i < chain->n_rules; i++)
		ask_rule(rs, &chain->rules[i]);
	for (hop.number = 0; hop.number <= chain->n_rules + 2 && hop.number < 9; hop.number++) {
		for (int kind = HOP_RULE; kind <= HOP_POLICY; kind++) {
			hop.kind = (enum hop_kind)kind;
			if (!ruleset_step(rs, &hop).chain)
				abort();
		}
	}
}

int fuzz_load(const char *head, const uint8_t *data, size_t size)
{
	struct ruleset *rs = ruleset_create();
	size_t n = strlen(head);
	char *text = malloc(n + size + 1);
	struct ruleset_error err;

	if (rs && text) {
		memcpy(text, head, n);
		if (size)
			memcpy(text + n, data, size);
		if (!ruleset_load(rs, "fuzz", (struct str){ text, n + size }, &err) &&
		    !ruleset_seal(rs, &err)) {
			struct chain_list chains = ruleset_chains(rs);

			for (size_t i = 0; i < chains.n; i++)
				ask_chain(rs, chains.at[i]);
		}
	}
	free(text);
	ruleset_destroy(rs);
	return 0;
}
