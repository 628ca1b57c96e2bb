/// Catches the fault of a copy.
#include "mapped_copy.hpp"

#include <ucontext.h>

#include <atomic>
#include <csetjmp>
#include <csignal>
#include <cstring>

namespace audit {

namespace {

/// Where the thread goes on when the file is not there; null: it copies nothing.
thread_local sigjmp_buf* landing = nullptr;

struct sigaction former {};  // set before the handler is

void on_fault(int signal, siginfo_t* info, void* context) {
  if (landing != nullptr) {
    // Signals come again as before: the jump alone would leave them blocked.
    ::pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(*landing, 1);
  }
  if ((former.sa_flags & SA_SIGINFO) != 0) return former.sa_sigaction(signal, info, context);
  if (former.sa_handler != SIG_DFL && former.sa_handler != SIG_IGN) return former.sa_handler(signal);
  // The access is tried again, and ends the process. Where there was none, the signal comes again.
  ::sigaction(SIGBUS, &former, nullptr);
  if (info->si_code <= 0 || info->si_code == BUS_MCEERR_AO) ::raise(signal);
}

bool install() {
  ::sigaction(SIGBUS, nullptr, &former);
  struct sigaction own {};
  own.sa_sigaction = &on_fault;
  own.sa_flags = SA_SIGINFO | SA_ONSTACK;
  return ::sigaction(SIGBUS, &own, nullptr) == 0;
}

}  // namespace

void catch_faults() { [[maybe_unused]] static const bool is_installed = install(); }

bool copy_mapped(char* to, std::string_view bytes) {
  sigjmp_buf here;
  // Without the signal mask, which would be a system call: the handler puts it back.
  if (sigsetjmp(here, 0) != 0) {
    landing = nullptr;
    return false;
  }
  landing = &here;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(to, bytes.data(), bytes.size());
  std::atomic_signal_fence(std::memory_order_seq_cst);
  landing = nullptr;
  return true;
}

}  // namespace audit
