/// The disk as the read log meets it: tests count what it is asked for, and break it.
#pragma once

#include <atomic>

namespace audit_tests {

inline std::atomic<int> forced{0};
inline std::atomic<int> writes{0};  ///< by pwrite(2)
inline std::atomic<bool> is_disk_broken{false};
inline std::atomic<bool> is_disk_full{false};
inline std::atomic<bool> is_disk_slow{false};
inline std::atomic<int> waiting_for_disk{-1};  ///< a file that a slow disk is taking
inline std::atomic<bool> is_next_write_cut{false};
inline std::atomic<bool> are_buffers_refused{false};
inline std::atomic<bool> is_moving_refused{false};
inline std::atomic<bool> is_next_lock_late{false};
inline std::atomic<bool> is_folder_shared{false};

struct BrokenDisk {
  BrokenDisk() { is_disk_broken = true; }
  ~BrokenDisk() { is_disk_broken = false; }
};

/// What is opened meanwhile gets no buffers.
struct NoBuffers {
  NoBuffers() { are_buffers_refused = true; }
  ~NoBuffers() { are_buffers_refused = false; }
};

/// A file from which nothing can be taken out: what it does not take stays where it is.
struct NoMoving {
  NoMoving() { is_moving_refused = true; }
  ~NoMoving() { is_moving_refused = false; }
};

/// Other hosts may have every folder mounted.
struct SharedFolder {
  SharedFolder() { is_folder_shared = true; }
  ~SharedFolder() { is_folder_shared = false; }
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
