// SPDX-License-Identifier: GPL-2.0-or-later
/* privilege.c - giving up the rights that are no longer needed */
#include "nfhop/privilege.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(cap) (UINT64_C(1) << (cap))

static int get(uint64_t *permitted)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return -errno;
	*permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

static int set(uint64_t caps)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	uint32_t low = (uint32_t)caps, high = (uint32_t)(caps >> 32);
	const struct __user_cap_data_struct data[2] = { { low, low, 0 }, { high, high, 0 } };

	return syscall(SYS_capset, &head, data) < 0 ? -errno : 0;
}

/* What is not in the bounding set, no program that is run can get (capabilities(7)). */
static int bound(uint64_t caps, uint64_t permitted)
{
	if (!(permitted & BIT(CAP_SETPCAP)))
		return 0;
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(caps & BIT(cap)) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return -errno;
	return 0;
}

int privilege_drop(bool files)
{
	uint64_t keep = BIT(CAP_NET_ADMIN) | BIT(CAP_SYSLOG) | BIT(CAP_NET_RAW), permitted = 0;
	int ret = get(&permitted);

	if (files)
		keep |= BIT(CAP_DAC_READ_SEARCH);
	if (ret < 0)
		return ret;
	ret = bound(keep, permitted);
	if (!ret && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		ret = -errno;
	return ret ? ret : set(permitted & keep);
}
