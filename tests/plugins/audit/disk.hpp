/// The disk as the read log meets it: tests count what it is asked for, and break it.
#pragma once

#include <atomic>

namespace audit_tests {

inline std::atomic<int> forced{0};
inline std::atomic<int> lines_written{0};  ///< by pwrite(2)
inline std::atomic<bool> is_disk_broken{false};
inline std::atomic<bool> is_disk_full{false};
inline std::atomic<bool> is_disk_slow{false};
inline std::atomic<int> waiting_for_disk{-1};  ///< a file that a slow disk is taking
inline std::atomic<bool> is_next_write_cut{false};
inline std::atomic<bool> is_next_lock_late{false};

struct BrokenDisk {
  BrokenDisk() { is_disk_broken = true; }
  ~BrokenDisk() { is_disk_broken = false; }
};

/// Whoever forces waits as long as it lasts.
struct SlowDisk {
  SlowDisk() {
    waiting_for_disk = -1;
    is_disk_slow = true;
  }
  ~SlowDisk() { end(); }
  void end() {
    is_disk_slow = false;
    is_disk_slow.notify_all();
  }
};

}  // namespace audit_tests
