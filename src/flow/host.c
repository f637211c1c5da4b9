/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.c - how the traced host was set up, where the records say so */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "model.h"

/* The first that comes is how it was before, the last one how it is after. */
int host_take(struct model *m, const struct record *rec)
{
	unsigned int at = m->before ? 1 : 0;
	char *copy = malloc(rec->data.n + 1);
	struct str text = { copy, rec->data.n };
	int ret;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, rec->data.p, rec->data.n);
	evidence_finish(&m->seen[at]);
	free(m->seen_text[at]);
	m->seen[at] = (struct evidence){ .n_routes = 0 };
	m->seen_text[at] = copy;
	ret = evidence_parse(text, &m->seen[at]);
	if (ret == -ENOMEM)
		return ret;
	model_set_evidence(m, &m->seen[0], at ? &m->seen[1] : NULL);
	return ret;
}

void host_free(struct model *m)
{
	for (unsigned int i = 0; i < 2; i++) {
		evidence_finish(&m->seen[i]);
		free(m->seen_text[i]);
	}
}

int limit_take(struct model *m, const struct record *rec)
{
	struct record_limit limit;

	if (rec->data.n < sizeof(limit))
		return -EINVAL;
	memcpy(&limit, rec->data.p, sizeof(limit));
	memcpy(&m->asked, limit.asked, sizeof(m->asked));
	memcpy(&m->traced, limit.traced, sizeof(m->traced));
	m->asked = le64toh(m->asked);
	m->traced = le64toh(m->traced);
	return 0;
}

uint64_t model_left_out(const struct model *m)
{
	return m->asked > m->traced ? m->asked - m->traced : 0;
}
