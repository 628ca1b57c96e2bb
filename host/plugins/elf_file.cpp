/// The small ELF64 reader: header, sections, dynamic symbols.
#include "host/plugins/elf_file.hpp"

#include <talon/abi/plugin.h>

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace talon::plugins {

namespace {

constexpr std::string_view kMarkSection = ".talon";
constexpr std::string_view kSymbol = "talon_plugin_v1";
constexpr uint64_t kSectionsMax = 4096;  // a plugin has some thirty; more is no plugin

#if defined(__x86_64__)
constexpr uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr uint16_t kMachine = EM_AARCH64;
#else
#error "add this machine's ELF number"
#endif

Error refuse(const std::string& why) {
  return failed_precondition(why + "; build it with talon_add_plugin()");
}

class ElfReader {
 public:
  explicit ElfReader(std::string_view bytes) : bytes_(bytes) {}

  Result<ElfMark> mark() {
    TALON_DO(read_header());
    TALON_DO(read_sections());
    std::optional<ElfMark> found;
    for (const Elf64_Shdr& section : sections_) {
      if (name_of(section) == kMarkSection && section.sh_type == SHT_PROGBITS) {
        if (found) return refuse("the library has two marks (section .talon)");
        TALON_TRY(found, mark_in(section));
      }
    }
    if (!found) return refuse("the library has no mark (section .talon): it is no Talon plugin");
    TALON_DO(find_symbol());
    return *found;
  }

 private:
  /// Copies a struct at `offset`; nothing when it does not lie inside of the file.
  template <typename T>
  std::optional<T> at(uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  std::optional<std::string_view> content(const Elf64_Shdr& section) const {
    if (section.sh_type == SHT_NOBITS) return std::nullopt;
    if (section.sh_offset > bytes_.size() || bytes_.size() - section.sh_offset < section.sh_size)
      return std::nullopt;
    return bytes_.substr(section.sh_offset, section.sh_size);
  }
  /// The text at `offset` of a string table, up to its NUL; empty when there is none.
  static std::string_view text_at(std::string_view table, uint64_t offset) {
    if (offset >= table.size()) return {};
    const std::size_t end = table.find('\0', offset);
    return end == std::string_view::npos ? std::string_view() : table.substr(offset, end - offset);
  }

  Result<void> read_header() {
    const auto header = at<Elf64_Ehdr>(0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
      return refuse("the file is no ELF library");
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != kMachine) {
      return refuse("the library is built for another machine");
    }
    if (header->e_type != ET_DYN) return refuse("the file is no shared library");
    header_ = *header;
    return {};
  }

  Result<void> read_sections() {
    if (header_.e_shentsize != sizeof(Elf64_Shdr) || header_.e_shnum == 0 || header_.e_shnum > kSectionsMax ||
        header_.e_shstrndx >= header_.e_shnum) {
      return refuse("the library has no section table that can be read");
    }
    for (uint64_t i = 0; i < header_.e_shnum; ++i) {
      const uint64_t offset = header_.e_shoff + i * sizeof(Elf64_Shdr);
      const auto section = offset < header_.e_shoff ? std::nullopt : at<Elf64_Shdr>(offset);
      if (!section) return refuse("the library is truncated: its section table ends behind the file");
      sections_.push_back(*section);
    }
    const auto names = content(sections_[header_.e_shstrndx]);
    if (!names) return refuse("the library is truncated: its section names lie behind the file's end");
    names_ = *names;
    return {};
  }
  std::string_view name_of(const Elf64_Shdr& section) const { return text_at(names_, section.sh_name); }

  Result<ElfMark> mark_in(const Elf64_Shdr& section) const {
    const auto bytes = content(section);
    if (!bytes || bytes->size() < sizeof(talon_mark))
      return refuse("the library is truncated: its mark is cut");
    talon_mark mark;
    std::memcpy(&mark, bytes->data(), sizeof mark);
    if (std::memcmp(mark.magic, "TALONv1", sizeof mark.magic) != 0)
      return refuse("the library's mark is not TALONv1");
    return ElfMark{mark.abi_major, mark.abi_minor};
  }

  Result<void> find_symbol() const {
    for (const Elf64_Shdr& section : sections_) {
      if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections_.size()) continue;
      const auto symbols = content(section);
      const auto names = content(sections_[section.sh_link]);
      if (!symbols || !names)
        return refuse("the library is truncated: its symbols lie behind the file's end");
      for (uint64_t i = 0; i + sizeof(Elf64_Sym) <= symbols->size(); i += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol;
        std::memcpy(&symbol, symbols->data() + i, sizeof symbol);
        if (text_at(*names, symbol.st_name) != kSymbol || symbol.st_shndx == SHN_UNDEF) continue;
        if (ELF64_ST_TYPE(symbol.st_info) != STT_OBJECT || symbol.st_size < sizeof(talon_plugin)) {
          return refuse("the library's talon_plugin_v1 is no descriptor: it must be a `const talon_plugin`");
        }
        return {};
      }
    }
    return refuse("the library exports no talon_plugin_v1");
  }

  std::string_view bytes_;
  Elf64_Ehdr header_{};
  std::vector<Elf64_Shdr> sections_;
  std::string_view names_;
};

}  // namespace

Result<ElfMark> read_mark(std::string_view bytes) { return ElfReader(bytes).mark(); }

}  // namespace talon::plugins
