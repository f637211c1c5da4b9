// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_evidence.c - anything at all, read as evidence, and every question put to it */
#include <stdint.h>
#include <stdlib.h>

#include "nfhop/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_routes(const struct evidence *e, const struct evidence_net *to, struct str device)
{
	struct route_query query = {
		.family = FAMILY_IP, .src = to->addr, .dst = to->addr, .iif = device, .mark = 3
	};
	const struct evidence_route *route;

	if (evidence_route_find(e, &query, &route) == ROUTE_ANSWER_FOUND && !route)
		abort();
	query.family = FAMILY_IP6;
	if (evidence_route_find(e, &query, &route) != ROUTE_ANSWER_FOUND && route)
		abort();
	evidence_way_back(e, &query, &route);
	evidence_is_local(e, &to->addr);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence e;
	uint64_t value;

	if (evidence_parse((struct str){ (const char *)data, size }, &e) < 0)
		return 0;
	for (size_t i = 0; i < e.n_routes && i < 64; i++)
		ask_routes(&e, &e.routes[i].to, e.routes[i].device);
	for (size_t i = 0; i < e.n_addresses && i < 64; i++)
		if (evidence_is_local(&e, &e.addresses[i].net.addr) != SWITCH_ON)
			abort();
	for (size_t i = 0; i < e.n_devices && i < 64; i++) {
		evidence_rp_filter(&e, e.devices[i].name);
		evidence_forwards(&e, FAMILY_IP, e.devices[i].name);
	}
	evidence_value(&e, STR("IpInAddrErrors"), &value);
	evidence_rise(&e, &e, STR("IpInAddrErrors"));
	evidence_finish(&e);
	return 0;
}
