// The RP2C02. It is written twice: dot by dot, which is the reference, and in fast/ by groups of eight dots and by whole
// lines, with predictions of what the CPU could notice. The two must leave the same bytes.
//
// "Access after dot N": a register access of the CPU takes place when dot N has been processed and N+1 has not.
//
// The declarations below stand under the name of the file that defines them.
//
// Sources: NESdev "PPU rendering", "PPU registers", "PPU scrolling", "PPU sprite evaluation", "PPU OAM",
// "PPU palettes", "PPU frame timing"; AccuracyCoin for what happens in which dot.
#pragma once

#include <cstdint>

#include "base/inline.hpp"
#include "base/timing.hpp"
#include "cartridge/board.hpp"
#include "ppu/fast/tile_cache.hpp"
#include "ppu/ppu_state.hpp"
#include "ppu/scroll_log.hpp"
#include "video/picture.hpp"

namespace nes {

struct PpuTiming {
    std::uint16_t vblank_line;     // the flag is set in dot 1 of it
    std::uint16_t prerender_line;  // the last line
    bool skips_dot;                // odd frames lose a dot while rendering
    std::uint16_t refresh_line;    // of vertical blank, from which the PPU keeps OAM to itself; 0: it never does
    bool green_before_red;         // ppumask's bits 5 and 6
    bool corrupts_oam;             // when rendering is switched off inside the picture; not the 2C07 of PAL
};

class Ppu {
  public:
    /// `held_by_reset`: the console's reset line holds the PPU as well.
    Ppu(PpuState& state, ScrollLog& scroll, Cartridge& cartridge, Board& board, Picture& picture,
        const PpuTiming& timing, bool held_by_reset)
        : s(state),
          scroll_(scroll),
          cart_(cartridge),
          board_(board),
          picture_(picture),
          timing_(timing),
          held_by_reset_(held_by_reset),
          follows_dots_(board.watches_ppu_bus && (!board.watches_a12_only || board.counts_cpu_cycles)),
          follows_a12_(board.watches_ppu_bus && !follows_dots_) {}

    /// Keeps decoded tiles in `cache` from here on. To be called before anything runs.
    void use_tile_cache(TileCache& cache) noexcept { tiles_ = &cache; }

    // registers.cpp
    void power_on() noexcept;
    void reset() noexcept;
    /// As at power-on, at dot `clock` of its life; the palette keeps its contents.
    void restart(std::uint64_t clock) noexcept;
    /// $2000-$2007 (`reg` 0-7), after the dot processed last.
    std::uint8_t read(unsigned reg) noexcept;
    void write(unsigned reg, std::uint8_t value) noexcept;
    /// The same without side effects.
    std::uint8_t peek(unsigned reg) const noexcept;
    /// Whether v alone moves the address on the bus until `clock`: nothing is drawn.
    bool bus_is_free(std::uint64_t clock) const noexcept;
    /// Whether neither rendering nor a change of the vblank flag can fall before `clock`: OAM belongs to the CPU.
    bool leaves_oam_alone(std::uint64_t clock) const noexcept;
    /// 256 writes to oamdata; only while the PPU leaves OAM alone.
    void copy_to_oam(const std::uint8_t* bytes) noexcept;
    /// The level on the CPU's /NMI, as true for low.
    bool nmi() const noexcept { return s.vblank && (s.ppuctrl & 0x80); }
    /// Whether a write of `value` to ppuctrl lowers it, by what has been processed.
    bool raises_nmi(std::uint8_t value) const noexcept { return s.vblank && (value & ~s.ppuctrl & 0x80); }

    // memory.cpp: the PPU's address space
    std::uint8_t peek_memory(std::uint16_t address) const noexcept;
    void poke_memory(std::uint16_t address, std::uint8_t value) noexcept;

    // tiles.cpp: what the last picture shows, by the present contents of memory
    static constexpr unsigned kTileUpper = 4;  // the pattern is at $1000
    static constexpr unsigned kTileShown = 8;
    static constexpr unsigned kTileBytes = 2 * 30 * 32;
    static constexpr unsigned kObjectBytes = 10;
    static constexpr unsigned kScrollBytes = 4;
    /// The tile in the middle of each cell of 8 x 8 pixels: 30 x 32 numbers, and behind them 30 x 32 bytes with the palette and the
    /// bits above; both are 0 where the background is not shown.
    void write_tiles(std::uint8_t* out) const noexcept;
    /// Rows of kObjectBytes: x, y, width, height, tile, palette, flipped in x, in y, behind the background, sprites that are visible.
    /// With a `limit` of 0 the 64 sprites; else up to as many groups of visible ones, and zeros.
    void write_objects(std::uint8_t* out, unsigned limit) const noexcept;
    /// 240 rows of kScrollBytes: x, y, nametable, and the flags of ScrollLog above the nametable's.
    void write_scroll(std::uint8_t* out) const noexcept;

    // dot.cpp
    /// Processes dots until `clock` of them have been processed since power-on.
    void run_to(std::uint64_t clock) noexcept;

    // fast/line.cpp
    /// The same as run_to(), with whole lines and groups of dots at once where nothing interferes.
    void catch_up(std::uint64_t clock) noexcept;
    /// Writes a register at `clock`, as catch_up() and then write() would.
    void write_at(unsigned reg, std::uint8_t value, std::uint64_t clock) noexcept;

    // fast/predict.cpp
    /// Reads ppustatus at `clock`, as catch_up() and then read() would.
    std::uint8_t read_status_at(std::uint64_t clock) noexcept;
    /// A dot before which the vblank flag does not change by itself.
    std::uint64_t next_vblank_change() const noexcept;
    /// A dot before which the vblank flag does not rise.
    std::uint64_t next_vblank_rise() const noexcept;
    /// A dot before which none of ppustatus's flags changes, when no register is written.
    std::uint64_t next_status_change() noexcept;
    /// A dot before which the board does not raise its interrupt by what it sees of the PPU, when no register is written.
    std::uint64_t next_board_irq() noexcept {
        if (NES_UNLIKELY(board_irq_ <= s.clock)) board_irq_ = board_.watches_ppu_bus ? predict_board_irq() : kNever;
        return board_irq_;
    }
    void invalidate_board_irq() noexcept { board_irq_ = 0; }
    /// A dot before which neither the vblank flag nor the board's interrupt changes.
    std::uint64_t next_interrupt_change() noexcept {
        const std::uint64_t irq = follows_a12_ || follows_dots_ ? next_board_irq() : kNever;
        if (vblank_change_ <= s.clock) vblank_change_ = next_vblank_change();
        return vblank_change_ < irq ? vblank_change_ : irq;
    }

    /// Discards what is derived from state that was changed from outside.
    void invalidate() noexcept {
        table_valid_ = false;
        colours_valid_ = false;
        pages_map_ = cart_.ppu_map_version - 1;
        status_change_ = 0;
        board_irq_ = 0;
        fetches_since_ = s.clock;
        vblank_change_ = 0;
    }

    /// The same for pattern memory, which is watched apart.
    void invalidate_patterns() noexcept { ++pattern_version_; }

  private:
    struct LineSprites;  // fast/line.hpp
    struct LineTiles;

    static constexpr std::uint8_t kGreyscale = 0x01;
    static constexpr std::uint8_t kShowLeftBackground = 0x02;
    static constexpr std::uint8_t kShowLeftSprites = 0x04;
    static constexpr std::uint8_t kShowBackground = 0x08;
    static constexpr std::uint8_t kShowSprites = 0x10;
    static constexpr std::uint8_t kEmphasis = 0xE0;

    bool rendering() const noexcept { return s.mask & (kShowBackground | kShowSprites); }
    bool on_rendered_line() const noexcept { return s.scanline < 240 || s.scanline == timing_.prerender_line; }
    // The 2C07 refreshes OAM in the later part of its long vertical blank, rendering or not (NESdev "PPU OAM").
    bool refreshing_oam() const noexcept {
        return timing_.refresh_line && s.scanline >= timing_.refresh_line && s.scanline < timing_.prerender_line;
    }
    unsigned sprite_height() const noexcept { return (s.ppuctrl & 0x20) ? 16 : 8; }

    // registers.cpp
    void drive_latch(std::uint8_t value, std::uint8_t bits) noexcept;
    void age_latch() noexcept;
    std::uint8_t read_status() noexcept;
    std::uint8_t read_oam() noexcept;
    void write_oam(std::uint8_t value) noexcept;
    void begin_data_access() noexcept;
    std::uint8_t read_data() noexcept;
    void write_data(std::uint8_t value) noexcept;
    void finish_data_access() noexcept;
    std::uint8_t palette_at(std::uint16_t address) const noexcept {
        const std::uint8_t mask = (s.mask & kGreyscale) ? 0x30 : 0x3F;
        return s.palette[palette_slot(address)] & mask;
    }
    // The backdrop entries of the sprite palettes are those of the background.
    static constexpr unsigned palette_slot(unsigned address) noexcept {
        return (address & 0x03) == 0 ? address & 0x0F : address & 0x1F;
    }
    void increment_v() noexcept;

    // memory.cpp: the PPU's bus
    std::uint8_t read_memory(std::uint16_t address) noexcept;
    void write_memory(std::uint16_t address, std::uint8_t value) noexcept;
    /// The two dots of a memory access while rendering. The low half of the address is held by a latch on the
    /// board; the high half is whatever the PPU puts out in the second dot.
    void latch_address(std::uint16_t address) noexcept {
        set_bus(address);
        s.address_latch = static_cast<std::uint8_t>(address);
    }
    std::uint8_t read_latched(std::uint16_t address) noexcept {
        return read_memory(static_cast<std::uint16_t>((address & 0x3F00) | s.address_latch));
    }
    void set_bus(std::uint16_t address) noexcept {
        s.bus_address = address & 0x3FFF;
        if (board_.watches_ppu_bus) board_.ppu_bus(s.bus_address, s.clock);
    }

    // dot.cpp: time
    void step() noexcept;
    void advance_position() noexcept;
    bool skips_last_dot() const noexcept;
    void flag_dot() noexcept;
    void flag_dot_of_prerender() noexcept;
    void apply_due() noexcept;
    void apply_mask() noexcept;
    void rendered_line_dot() noexcept;
    bool can_skip_dots() const noexcept;
    void skip_dots(std::uint64_t clock) noexcept;

    // background.hpp
    void background_dot() noexcept;
    void fetch_dot(unsigned step) noexcept;
    void shift_background() noexcept;
    void reload_background() noexcept;
    std::uint16_t nametable_address() const noexcept { return static_cast<std::uint16_t>(0x2000 | (s.v & 0x0FFF)); }
    std::uint16_t attribute_address() const noexcept;
    std::uint16_t background_pattern_address() const noexcept;
    void increment_x() noexcept;
    void increment_y() noexcept;
    static std::uint16_t next_row(std::uint16_t v) noexcept;

    // sprites.hpp
    void evaluation_dot() noexcept;
    void evaluate() noexcept;
    bool in_range(std::uint8_t y) const noexcept;
    void sprite_fetch_dot() noexcept;
    std::uint16_t sprite_pattern_address(unsigned line, const std::uint8_t* sprite) const noexcept;
    bool sprite_row_visible(unsigned unit) const noexcept;
    unsigned corruption_seed() const noexcept;
    static bool secondary_address_moves(unsigned dot) noexcept {
        return dot > 256 ? dot <= 340 : dot >= 2 && (dot & 1) == 0;
    }
    void corrupt_oam() noexcept;

    // pixel.hpp
    void pixel_dot() noexcept;
    unsigned sprite_pixel(unsigned x, bool& is_zero, bool& behind) noexcept;
    /// Whether an opaque pixel of sprite 0 over an opaque background can still hit at all, and whether it does in pixel `x`:
    /// not in the last pixel of a line, not in the left eight where either of the two is hidden (NESdev "PPU OAM").
    bool hit_possible() const noexcept {
        const std::uint8_t both = kShowBackground | kShowSprites;
        return !s.sprite_zero_hit && (s.mask & both) == both;
    }
    bool hit_counts_at(unsigned x) const noexcept {
        const std::uint8_t both_left = kShowLeftBackground | kShowLeftSprites;
        return x < 255 && (x >= 8 || (s.mask & both_left) == both_left);
    }

    // scroll_log.cpp
    void note_lines(unsigned count) noexcept;

    // tiles.cpp
    std::uint64_t sprites_in_picture() const noexcept;

    // fast/line.cpp: whole lines
    bool line_ready() const noexcept;
    bool all_pages_present() const noexcept;
    void catch_up_to_line(std::uint64_t clock) noexcept;
    void report_a12(std::uint64_t start, unsigned sprite_tables, unsigned line_dots) noexcept;
    void report_a12_of_lines(std::uint64_t start, unsigned count) noexcept;
    unsigned sprite_tables() const noexcept;
    void run_prerender_line() noexcept;
    void run_lines(unsigned count) noexcept;
    void run_blank_lines(unsigned count) noexcept;
    void run_blank_dots(std::uint64_t clock) noexcept;
    void skip_hidden_lines(unsigned count) noexcept;
    unsigned next_full_line(unsigned line, unsigned end) const noexcept;
    void finish_line() noexcept;
    void refresh_oam_table() noexcept;
    void leave_lines(unsigned sprite, unsigned first, unsigned end) noexcept;
    void enter_lines(unsigned sprite, unsigned first, unsigned end) noexcept;
    void evaluate_line() noexcept;
    struct NinthSprite {
        bool found;
        std::uint8_t oam_address;  // in dot 256
    };
    NinthSprite search_for_ninth() const noexcept;  // on a line with eight sprites or more
    void load_sprites() noexcept;
    void sprites_of_units(LineSprites& sprites) const noexcept;
    void sprites_of_oam(unsigned line, LineSprites& sprites) const noexcept;
    bool sprites_may_come_later(unsigned line) const noexcept;
    void fetch_sprite_row(unsigned address, std::uint8_t attributes, std::uint8_t& low,
                          std::uint8_t& high) const noexcept;
    void prefetch_tiles() noexcept;
    std::uint8_t fetch(unsigned address) const noexcept;

    // fast/group.cpp: eight dots
    bool group_ready() const noexcept;
    void run_groups(unsigned count) noexcept;
    void draw_groups(unsigned first, unsigned end) noexcept;
    void pass_sprites(unsigned first, unsigned end) noexcept;
    void evaluate_groups(unsigned first, unsigned end) noexcept;
    void evaluate_dots(unsigned first, unsigned end) noexcept;
    void run_fetch_group() noexcept;
    static constexpr unsigned kLineEnd = 336;    // the last dot of a line's last group
    static constexpr unsigned kLineEndDots = 5;  // from there to dot 0 of the next line
    void run_line_end() noexcept;
    void shift_background_by_seven() noexcept;
    void fetch_tile() noexcept;
    void fetch_sprite() noexcept;

    // fast/draw.cpp: the pixels of lines and groups
    /// From pixel `x` on, in this line and in all of `lines` from here. Costs one test where no colour is emphasised.
    void note_emphasis(unsigned x, unsigned lines = 1) noexcept {
        if (NES_UNLIKELY((s.mask & kEmphasis) || picture_.emphasised)) keep_emphasis(x, lines);
    }
    void keep_emphasis(unsigned x, unsigned lines) noexcept;
    const std::uint8_t* row_of_tiles(unsigned nametable, std::uint16_t v) noexcept;
    std::uint8_t* pack_tiles(std::uint16_t v, LineTiles& tiles) noexcept;
    void pack_shift_registers(std::uint8_t* out) const noexcept;
    void refresh_colours() noexcept;
    void draw_pixels(unsigned first, unsigned end, const std::uint8_t* packed, const LineSprites& sprites) noexcept;
    bool draw_background_directly(std::uint16_t v) noexcept;
    void draw_sprites_of_lines(unsigned first, unsigned end) const noexcept;
    void finish_pixels(std::uint8_t* row, unsigned first, const std::uint8_t* packed,
                       const LineSprites& sprites) const noexcept;
    void draw_sprites(std::uint8_t* row, unsigned first, const std::uint8_t* packed,
                      const LineSprites& sprites) const noexcept;

    // fast/sprite_zero.cpp
    static bool packed_is_opaque(const std::uint8_t* packed, unsigned position) noexcept {
        return (packed[position >> 1] >> ((position & 1) * 4)) & 3;
    }
    bool sprite_zero_meets(unsigned first, unsigned end, const std::uint8_t* packed,
                           const LineSprites& sprites) const noexcept;
    unsigned sprite_zero_dot(unsigned line, std::uint16_t v) const noexcept;

    // fast/predict.cpp
    std::uint64_t predict_status_change() noexcept;
    bool zero_is_first_in_oam() const noexcept;
    std::uint64_t predict_board_irq() noexcept;
    static unsigned rises_in_line(unsigned tables, bool background_high) noexcept;
    unsigned predicted_tables(unsigned line) const noexcept;
    unsigned rises_left_in_line(bool background_high) const noexcept;
    unsigned line_of_rise(unsigned line, std::uint64_t left, bool background_high) noexcept;
    void refresh_rises(bool background_high) noexcept;

    /// Where `page` lies in a memory; beyond its end if it lies elsewhere.
    static std::uintptr_t offset_in(const std::uint8_t* memory, const std::uint8_t* page) noexcept {
        return reinterpret_cast<std::uintptr_t>(page) - reinterpret_cast<std::uintptr_t>(memory);
    }
    bool in_ciram(const std::uint8_t* page) const noexcept { return offset_in(cart_.ciram, page) < kCiramBytes; }
    static constexpr std::uintptr_t kCiramBytes = 4096;

    PpuState& s;
    ScrollLog& scroll_;
    Cartridge& cart_;
    Board& board_;
    Picture& picture_;
    PpuTiming timing_;
    bool held_by_reset_;

    const bool follows_dots_;  // the board has to see every address
    const bool follows_a12_;   // the board has to see A12

    // Derived from OAM, kept beside the state: which sprites evaluation finds on each line.
    std::uint64_t sprites_on_line_[240];
    std::uint8_t sprite_count_[240];
    std::uint64_t sprites_shown_;   // on any line
    std::uint64_t sprites_behind_;  // the background, by their attributes
    std::uint64_t full_lines_[4];   // a bit for each line with eight or more
    std::uint8_t table_y_[64];
    std::uint8_t table_height_ = 0;
    bool table_valid_ = false;
    std::uint16_t a12_edges_until_line_[241];  // of A12, in the picture's lines before each
    bool rises_valid_ = false;
    bool rises_background_high_ = false;

    // Derived from the palette and ppumask.
    bool colours_valid_ = false;
    std::uint8_t colours_mask_ = 0;
    std::uint8_t colours_[32];

    TileCache* tiles_ = nullptr;
    std::uint32_t pattern_version_ = 1;  // counts writes to the cartridge's memory
    std::uint32_t ciram_version_ = 0;    // counts writes to the console's

    mutable std::uint32_t pages_map_ = 0;  // the map version that all_pages_present() has seen
    std::uint64_t status_change_ = 0;
    bool status_change_is_hit_ = false;
    std::uint64_t board_irq_ = 0;
    std::uint64_t fetches_since_ =
        0;  // a dot since when the background was fetched from the same table without a pause
    std::uint64_t vblank_change_ = 0;
    std::uint32_t status_change_map_ = 0;
};

}  // namespace nes
