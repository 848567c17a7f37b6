// What the kernel offers for shutting a process away from files.
#pragma once

namespace tocsin::daemon {

// The version of landlock, from 1 on; less where the kernel has none, or it is turned off (see the kernel's `lsm=`).
int landlock_version();
inline bool landlock_works() { return landlock_version() >= 1; }

// For people, where it does not.
inline constexpr const char* without_landlock =
    "this kernel offers no landlock: what reads mail is kept from the network and from most system calls, but not from "
    "the files that its user may read; boot with landlock in the kernel's list lsm=";

}  // namespace tocsin::daemon
