/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules.c - rule sets that come with the records, one after the other
 *
 * Theory of Operation
 *
 * A handle or a number means something in one generation of the rule set alone: `nft replace`
 * keeps the handle (formats.md 3.6). So each generation is kept as long as the model, and a step
 * knows its own. Events carry no generation; a live source reads the rule set as soon as the
 * kernel says that it changed, and its record stands between the events where the kernel's
 * message stood. That is exact but for packets that were on their way on another CPU: those near
 * the change are marked, and nothing is called sure of them because of a rule set.
 */
#include "finding.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define STALE_NS UINT64_C(50000000)

static int load(struct ruleset *set, struct str data)
{
	struct ruleset_error err;
	struct str name, text;
	int ret = 0;

	while (!ret && record_part(&data, &name, &text)) {
		char title[64];

		snprintf(title, sizeof(title), "%.*s", STR_ARG(name));
		ret = text.n ? ruleset_load(set, title, text, &err) : 0;
	}
	if (!ret)
		ret = ruleset_seal(set, &err);
	return data.n && !ret ? -EINVAL : ret;
}

static int keep(struct model *m, struct ruleset *set, const struct stamp *now)
{
	struct loaded *sets = realloc(m->sets, (m->n_sets + 1) * sizeof(*sets));
	int ret = -ENOMEM;

	if (sets) {
		m->sets = sets;
		ret = paths_set_rules(m->paths, set);
	}
	if (ret < 0)
		ruleset_destroy(set);
	else
		m->sets[m->n_sets++] = (struct loaded){ .set = set, .at = *now };
	return ret;
}

static void mark_stale(struct model *m, const struct stamp *now)
{
	assembler_flag(m->assembler, PACKET_STALE, now, STALE_NS);
	m->stale_until_ns = now->wall_ns + (int64_t)STALE_NS;
}

int rules_take(struct model *m, const struct record *rec, const struct stamp *now)
{
	struct ruleset *set;
	int ret;

	if (m->config.rules)
		return 0; /* the user knows better */
	set = ruleset_create();
	if (!set)
		return -ENOMEM;
	ret = load(set, rec->data);
	if (ret < 0) {
		ruleset_destroy(set);
		paths_set_rules(m->paths, NULL); /* the one before is not loaded any more */
		return ret == -EEXIST ? -EINVAL : ret;
	}
	if (m->n_sets)
		mark_stale(m, now);
	ret = keep(m, set, now);
	return ret == -ENOSPC ? 0 : ret;
}

void rules_free(struct model *m)
{
	for (size_t i = 0; i < m->n_sets; i++) {
		ruleset_destroy(m->sets[i].set);
		text_free(m->sets[i].change);
	}
	free(m->sets);
}

const struct ruleset *model_rules(const struct model *m)
{
	return paths_rules(m->paths);
}

size_t model_rules_count(const struct model *m)
{
	return m->config.rules ? 1 : m->n_sets;
}

const struct ruleset *model_rules_at(const struct model *m, size_t i, struct stamp *since)
{
	if (since)
		*since = m->config.rules ? (struct stamp){ 0 } : m->sets[i].at;
	return m->config.rules ? m->config.rules : m->sets[i].set;
}
