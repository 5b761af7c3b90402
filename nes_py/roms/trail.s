; ---------------------------------------------------------------------------
; THISTLE TRAIL - a side-scrolling platform game for the NES, made for nes-py.
;
; iNES, mapper 4 (MMC3), 32K PRG, 16K CHR.  Assembler: ca65 (see build.py).
;
; How it works
;   * The main loop makes one frame of the game, then spins on nmi_flag.
;   * The NMI copies the sprite page (OAM DMA) and a small list of background
;     writes (vbuf) in vblank, chooses the CHR banks of this moment's coins,
;     flags and flowers, and arms the MMC3's scanline counter.
;   * A level's picture has four parts that scroll by themselves: the status
;     bar stands still and ends with the hit of sprite 0, for which the NMI
;     waits; two interrupts of the MMC3 end the clouds and the hills.  On the
;     title one interrupt ends the upper part and changes the CHR banks.
;   * A level is never stored: generate_column makes one column of the field
;     after the other from a shift register that starts with the level's
;     number, 19 columns ahead of the screen.
;   * There is no other random number: what happens depends on the level's
;     number and the buttons only.
;
; VERSION (build.py): 0 trail.nes, whose bytes never change; 1 trail-v1.nes.
; In version 1 one screen follows another without a blank picture: the first
; columns of the field are drawn into those of the nametables that are beside
; the screen, and the scroll jumps there (ring); above it, the rows change one
; after the other (wipe).
; ---------------------------------------------------------------------------

.setcpu "6502"
.include "ram.inc"
.include "shared.inc"
.include "names.inc"

BANK_SELECT     = $8000
BANK_DATA       = $8001
MIRRORING       = $A000
IRQ_LATCH       = $C000
IRQ_RELOAD      = $C001
IRQ_OFF         = $E000
IRQ_ON          = $E001
CHR_SWAPPED     = $80           ; 1 KB banks at $0000, 2 KB banks at $1000

; CHR banks, in KB
BANK_FONT       = 0
BANK_TERRAIN    = 1
BANK_MOVING     = 2             ; 4 of them
BANK_SCENERY    = 6             ; 4 of them
BANK_LOGO       = 10            ; 2
BANK_FOX        = 12
BANK_OTHERS     = 14

CTRL            = %10001000     ; NMI on, sprites from the second table
CTRL_DOWN       = %10001100     ; the address grows by 32
MASK_ON         = %00011110

; the picture, in lines
FIELD_TOP       = 112           ; 8 rows of 16x16 pieces from here
SPLIT_HILLS     = 67            ; the interrupt comes in the line before, in the empty row of the sky
SPLIT_FIELD     = 111
FOX_H           = 24
LOST_Y          = 232           ; the fox is gone when its top is here

; speeds in 1/256 pixels a frame
WALK_SPEED      = $0180
RUN_SPEED       = $0280
JUMP_SPEED      = $0480
RUN_JUMP_SPEED  = $0500
STOMP_SPEED     = $0380
GRAVITY_HELD    = $30           ; while A is held and the fox rises
GRAVITY         = $80
MAX_FALL        = $0480

READY_TIME      = 40
LOST_TIME       = 100
OVER_TIME       = 150
CLEAR_TIME      = 200
TIME_START      = 200
TIME_UNIT       = 24            ; frames
AHEAD           = 19            ; columns generated from the screen's left edge on
START_X         = 40
MIN_COLUMNS     = 144           ; the goal comes 0 to 31 columns after these
.if VERSION >= 1
PREPARED        = 15            ; columns beside the screen
PREPARE_TIME    = 40            ; frames before the next beginning, or the title
ERASE_TIME      = 20
.endif

; tiles
T_BAR           = $06
T_HEART         = $03
T_COIN          = $04
T_CLOCK         = $05

.segment "HEADER"
        .byte   "NES", $1A
        .byte   2               ; 2 x 16K PRG
        .byte   2               ; 2 x 8K CHR
        .byte   $41             ; mapper 4, nametables side by side
        .byte   0, 0, 0, 0, 0, 0, 0, 0, 0

.segment "TILES"
        .incbin "tiles.chr"

.segment "CODE"

; ===========================================================================
; start
; ===========================================================================
reset:
        quiet_console
        stx     IRQ_OFF
        clear_console

        ; banks: PRG 0 and 1 at $8000 and $A000, sprites at $1000
        ldx     #0
@bank:  lda     bank_number,x
        sta     BANK_SELECT
        lda     bank_value,x
        sta     BANK_DATA
        inx
        cpx     #4
        bne     @bank
        lda     #0
        sta     MIRRORING

        lda     #$0F
        sta     APUSTATUS
        lda     #CTRL
        sta     PPUCTRL         ; from here on NMIs come; nmi_on is still 0
        cli
        jsr     go_title
        jmp     frame_done

bank_number:
        .byte   CHR_SWAPPED|6, CHR_SWAPPED|7, CHR_SWAPPED|0, CHR_SWAPPED|1
bank_value:
        .byte   0, 1, BANK_FOX, BANK_OTHERS

; ===========================================================================
; the main loop: one turn is one frame
; ===========================================================================
main_loop:
        await_nmi

        jsr     read_pad
        lda     #4              ; sprite 0 stays for the split
        sta     oam_pos
        jsr     run_state
        jsr     play_music
        jsr     hide_rest
.if VERSION >= 1
        jsr     wipe
.endif
        jsr     draw_status
        jsr     set_scroll
frame_done:
        finish_frame
        jmp     main_loop

run_state:
        go_to_state

state_lo:
        .byte   <(run_title-1), <(run_ready-1), <(run_play-1)
        .byte   <(run_lost-1), <(run_over-1), <(run_clear-1)
state_hi:
        .byte   >(run_title-1), >(run_ready-1), >(run_play-1)
        .byte   >(run_lost-1), >(run_over-1), >(run_clear-1)

; read_pad: pad = buttons held, pad_new = buttons pressed since last time
read_pad:
        read_first_pad
        rts

; ===========================================================================
; NMI: vblank, the banks, and the split below the status bar
; ===========================================================================
nmi:
        enter_nmi
        bne     @ppu
        jmp     @count          ; a screen is being drawn: hands off

@ppu:   lda     frame_ready
        bne     @upload
        lda     ppu_mask
        beq     @show           ; the main loop is going to draw a screen
        inc     missed
        jmp     @show

@upload:
        lda     #0
        copy_sprites
        jsr     flush
        ldx     #2              ; the scroll belongs to this sprite page
@take:  lda     next_x,x
        sta     split_x,x
        lda     next_page,x
        sta     split_page,x
        dex
        bpl     @take

@show:  bit     PPUSTATUS
        lda     #0
        sta     PPUSCROLL
        sta     PPUSCROLL
        lda     #CTRL
        sta     PPUCTRL
        lda     ppu_mask
        sta     PPUMASK

        ; four pictures of all that moves, 8 frames each
        inc     anim
        lda     anim
        lsr     a
        lsr     a
        lsr     a
        and     #3
        clc
        adc     #BANK_MOVING
        sta     irq_bank
        ldx     top_bank2
.if VERSION >= 1
        stx     irq_title       ; the main loop may go on to another screen while this one is shown
        cpx     #0
.endif
        bne     :+
        tax
:       ldy     #CHR_SWAPPED|4
        sty     BANK_SELECT
        stx     BANK_DATA
        ldy     #CHR_SWAPPED|3
        sty     BANK_SELECT
        lda     top_bank
        sta     BANK_DATA
        ldy     #CHR_SWAPPED|2
        sty     BANK_SELECT
        lda     #BANK_FONT
        sta     BANK_DATA
        ldy     #CHR_SWAPPED|5
        sty     BANK_SELECT
        lda     theme
        clc
        adc     #BANK_SCENERY
        sta     BANK_DATA

        ; the splits.  split_on says that sprite zero and the line under it are on the screen, so both waits end.
        sta     IRQ_OFF
        lda     split_on
        beq     @count
        cmp     #2
        beq     @title
        lda     #0
        sta     irq_step
        lda     #SPLIT_HILLS
        jsr     arm
@fall:  bit     PPUSTATUS       ; last frame's hit lasts until vblank ends
        bvs     @fall
@rise:  bit     PPUSTATUS
        bvc     @rise
        ldx     #36             ; on to the plain lines below the bar
@delay: dex
        bne     @delay
        lda     split_x
        sta     PPUSCROLL
        stx     PPUSCROLL
        lda     split_page
        sta     PPUCTRL
        jmp     @count

@title: lda     #1
        sta     irq_step
        lda     #SPLIT_FIELD
        jsr     arm

@count: leave_nmi
        rti

; arm: let the MMC3 interrupt at the end of line A-1, counted from the screen's top
arm:
        sta     IRQ_LATCH
        sta     IRQ_RELOAD
        sta     IRQ_ON
        rts

; ===========================================================================
; IRQ: the next part of the picture
; ===========================================================================
irq:
        pha
        txa
        pha
        ldx     irq_step
        sta     IRQ_OFF
        bit     PPUSTATUS
        lda     split_x+1,x
        sta     PPUSCROLL
        sta     PPUSCROLL
        lda     split_page+1,x
        sta     PPUCTRL
        txa
        bne     @field
        inc     irq_step
        lda     #SPLIT_FIELD-SPLIT_HILLS-1
        sta     IRQ_LATCH
        sta     IRQ_RELOAD
        sta     IRQ_ON
        pla
        tax
        pla
        rti
@field:
.if VERSION >= 1
        lda     irq_title       ; the title's letters end here
.else
        lda     top_bank2       ; the title's letters end here
.endif
        beq     @done
        lda     #CHR_SWAPPED|3
        sta     BANK_SELECT
        lda     #BANK_TERRAIN
        sta     BANK_DATA
        lda     #CHR_SWAPPED|4
        sta     BANK_SELECT
        lda     irq_bank
        sta     BANK_DATA
@done:  pla
        tax
        pla
        rti

; flush: write vbuf to the picture unit and empty it
flush:
        ldx     #0
@next:  lda     vbuf,x
        beq     @end
        bmi     @down
        tay
        lda     #CTRL
        bne     @go
@down:  and     #$7F
        tay
        lda     #CTRL_DOWN
@go:    sta     PPUCTRL
        bit     PPUSTATUS
        lda     vbuf+1,x
        sta     PPUADDR
        lda     vbuf+2,x
        sta     PPUADDR
@copy:  lda     vbuf+3,x
        sta     PPUDATA
        inx
        dey
        bne     @copy
        inx
        inx
        inx
        bne     @next           ; always (the list is shorter than a page)
@end:   sta     vbuf
        sta     vbuf_len
        rts

; set_scroll: where the parts of the picture begin in this frame
set_scroll:
.if VERSION >= 1
        lda     ring            ; the field: from its column 0 on
        asl     a
        asl     a
        asl     a
        asl     a
        sta     t0
        lda     #0
        rol     a
        sta     t1
        lda     camera
        clc
        adc     t0
        sta     next_x+2
        lda     camera+1
        adc     t1
        jsr     @page
        sta     next_page+2
        lda     camera+1
        sta     t1
.else
        lda     camera+1
        sta     t1
        lda     camera
        sta     next_x+2
        lda     t1
        jsr     @page
        sta     next_page+2
.endif
        lda     camera
        lsr     t1
        ror     a
        sta     next_x+1
        sta     t0
        lda     t1
        jsr     @page
        sta     next_page+1
        lsr     t1
        ror     t0
        lda     frames+1        ; the clouds drift
        sta     t3
        lda     frames
        lsr     t3
        ror     a
        lsr     t3
        ror     a
        lsr     t3
        ror     a
        clc
        adc     t0
        sta     next_x
        lda     t3
        adc     t1
        jsr     @page
        sta     next_page
        rts
@page:  and     #1
        ora     #CTRL
        rts

; ===========================================================================
; whole screens (rendering off)
; ===========================================================================

; screen_off: blank the picture in the next vblank and keep the NMI away
screen_off:
        lda     #0
        sta     split_on
        sta     ppu_mask
        sta     frame_ready
        sta     nmi_flag
        lda     nmi_on
        beq     @done           ; it is off already
@wait:  lda     nmi_flag
        beq     @wait
@done:  sta     IRQ_OFF
        lda     #0
        sta     nmi_on
        sta     vbuf
        sta     vbuf_len
        sta     dirty
        ldx     #PARTS-1
@parts: sta     part_life,x
        sta     en_kind,x
        dex
        bpl     @parts
        hide_all_sprites
        rts

; set_addr: VRAM address from A (high) and X (low)
set_addr:
        set_vram_address
        rts

; print: text at ptr: high, low, characters, 0.  A tile's number is its character less 32.
print:
        begin_text
@char:  iny
        lda     (ptr),y
        beq     @done
        sec
        sbc     #32
        sta     PPUDATA
        jmp     @char
@done:  rts

; fill: A into X cells (0: 256)
fill:   sta     PPUDATA
        dex
        bne     fill
        rts

; clear_screen: both nametables are sky, all of palette 0
clear_screen:
        lda     #$20
        jsr     @page
        lda     #$24
@page:  ldx     #0
        jsr     set_addr
        lda     #$20
        ldx     #0
        jsr     fill
        jsr     fill
        jsr     fill
        ldx     #192
        jsr     fill
        lda     #0
        ldx     #64
        jmp     fill

; set_palettes: those of the theme, and the sprites'
set_palettes:
        lda     #$3F
        ldx     #0
        jsr     set_addr
        lda     theme
        asl     a
        asl     a
        asl     a
        asl     a
        tax
        ldy     #16
@back:  lda     theme_colours,x
        sta     PPUDATA
        inx
        dey
        bne     @back
        lda     theme
        asl     a
        asl     a
        asl     a
        asl     a
        tax
        lda     theme_colours,x
        sta     t0
        ldx     #0
@own:   txa
        and     #3
        bne     :+
        lda     t0
        jmp     @put
:       lda     sprite_colours,x
@put:   sta     PPUDATA
        inx
        cpx     #16
        bne     @own
        rts

; draw_strip: clouds and hills of the theme into both nametables, rows 4 to 13
draw_strip:
        lda     theme
        asl     a
        tax
        lda     strip_table,x
        sta     ptr
        lda     strip_table+1,x
        sta     ptr+1
        lda     #$80            ; VRAM address $2080
        sta     t1
        lda     #$20
        sta     t0
        lda     #10
        sta     t2
@row:   jsr     @half
        lda     t0
        eor     #4
        sta     t0
        jsr     @half
        lda     t0
        eor     #4
        sta     t0
        lda     t1
        clc
        adc     #32
        sta     t1
        bcc     :+
        inc     t0
:       dec     t2
        bne     @row
        ; rows 8 to 13 are of palette 3
        lda     #$23
        jsr     @attrs
        lda     #$27
@attrs: ldx     #$D0
        jsr     set_addr
        lda     #$FF
        ldx     #8
        jsr     fill
        lda     #$0F
        ldx     #8
        jmp     fill
@half:  lda     t0
        ldx     t1
        jsr     set_addr
        ldy     #0
@tile:  lda     (ptr),y
        sta     PPUDATA
        iny
        cpy     #32
        bne     @tile
        lda     ptr
        clc
        adc     #32
        sta     ptr
        bcc     :+
        inc     ptr+1
:       rts

strip_table:
        .word   strip0, strip1, strip2, strip3

.if VERSION >= 1
WIPE_SKY        = 0             ; the clouds and the hills go
WIPE_SCENERY    = 1             ; those of the theme come
WIPE_BAR        = 2             ; the bar, and the sky
WIPE_TITLE      = 3

; start_wipe: A: which; start_wipe_at: from row X on
start_wipe:
        ldx     #4
start_wipe_at:
        sta     wipe_kind
        stx     wipe_row
        lda     #14
        sta     wipe_end
        rts

; wipe: one row of both nametables in each frame that has nothing else to draw
wipe:
        lda     wipe_row
        cmp     wipe_end
        bcs     @done
        ldx     vbuf_len
        bne     @done
        inc     wipe_row
        pha
        lsr     a
        lsr     a
        lsr     a
        ora     #$20
        sta     vbuf+1
        ora     #$04
        sta     vbuf+36
        pla
        pha
        asl     a
        asl     a
        asl     a
        asl     a
        asl     a
        sta     vbuf+2
        sta     vbuf+37
        lda     #32
        sta     vbuf
        sta     vbuf+35
        stx     vbuf+70
        lda     #70
        sta     vbuf_len
        pla
        tax
        lda     #$20
        ldy     wipe_kind
        beq     @fill           ; WIPE_SKY
        dey
        beq     @scenery
        dey
        bne     @title
        cpx     #4
        bcs     @fill
        lda     bar_rows,x
@fill:  ldy     #31
@same:  sta     vbuf+3,y
        sta     vbuf+38,y
        dey
        bpl     @same
@done:  rts
@title: cpx     #2
        bcc     @fill
        lda     bar_rows+3-10,x ; the panel
        cpx     #10
        bcs     @fill
        lda     #$20            ; the letters are in the left one only
        jsr     @fill
        txa
        sbc     #1              ; carry is clear: less 2
        asl     a
        asl     a
        asl     a
        asl     a
        asl     a
        tax
        ldy     #0
@logo:  lda     title_tiles,x
        sta     vbuf+3,y
        inx
        iny
        cpy     #32
        bne     @logo
        rts
@scenery:
        txa
        sec
        sbc     #4
        lsr     a               ; 64 tiles a row
        ror     t0
        lsr     a
        ror     t0
        sta     t1
        lda     t0
        and     #$C0
        sta     t0
        lda     theme
        asl     a
        tax
        lda     strip_table,x
        clc
        adc     t0
        sta     ptr
        lda     strip_table+1,x
        adc     t1
        sta     ptr+1
        ldy     #31
@left:  lda     (ptr),y
        sta     vbuf+3,y
        dey
        bpl     @left
        ldy     #63
@right: lda     (ptr),y
        sta     vbuf+6,y
        dey
        cpy     #31
        bne     @right
        rts

; the rows of the bar, and from its last one on those of the title's panel
bar_rows:
        .byte   0, 0, 0, T_BAR, 0, 0, T_BAR

; buffer_palette: the theme's colours
buffer_palette:
        lda     theme
        asl     a
        asl     a
        asl     a
        asl     a
        tay
        ldx     vbuf_len
        lda     #16
        sta     vbuf,x
        sta     t0
        lda     #$3F
        sta     vbuf+1,x
        lda     #0
        sta     vbuf+2,x
@colour:
        lda     theme_colours,y
        sta     vbuf+3,x
        inx
        iny
        dec     t0
        bne     @colour
        jmp     end_record
.endif

; first_columns: the field as far as it must be drawn
first_columns:
        ldx     #79
        lda     #0
@attr:  sta     attrs,x
        dex
        bpl     @attr
        sta     gen_col
        sta     gen_col+1
@column:
        jsr     make_column
        jsr     flush
        lda     gen_col
        cmp     #AHEAD
        bne     @column
        rts

; ---------------------------------------------------------------------------
; the title
; ---------------------------------------------------------------------------
go_title:
        jsr     screen_off
        lda     #ST_TITLE
        sta     state
        sta     camera
        sta     camera+1
        sta     theme
        sta     timer
        sta     repeat
.if VERSION >= 1
        jsr     reset_ring
.endif
        jsr     clear_screen
        jsr     set_palettes

        ; the letters, rows 2 to 9
        lda     #$20
        ldx     #$40
        jsr     set_addr
        ldx     #0
@logo:  lda     title_tiles,x
        sta     PPUDATA
        inx
        bne     @logo
        ; a dark panel, rows 10 to 13
        lda     #$21
        ldx     #$40
        jsr     set_addr
        lda     #T_BAR
        ldx     #32
        jsr     fill
        lda     #0
        ldx     #64
        jsr     fill
        lda     #T_BAR
        ldx     #32
        jsr     fill
.if VERSION >= 1
        lda     #$25            ; its last row beside it, too: the field's scroll begins in the last line
        ldx     #$A0
        jsr     set_addr
        lda     #T_BAR
        ldx     #32
        jsr     fill
.endif
        lda     #$23
        ldx     #$C0
        jsr     set_addr
        ldx     #0
@attr:  lda     title_attrs,x
        sta     PPUDATA
        inx
        cpx     #24
        bne     @attr
        print_at txt_level
        jsr     show_level

        lda     #1
        sta     title_mode
        jsr     start_course
        jsr     first_columns
        lda     #BANK_LOGO
        sta     top_bank
        lda     #BANK_LOGO+1
        sta     top_bank2
        lda     #2
        sta     split_on
        lda     #MASK_ON
        sta     ppu_mask
        lda     #SONG_TITLE
        jmp     start_song

run_title:
.if VERSION >= 1
        lda     starting
        beq     :+
        jmp     leave_title
:       jsr     build_title
.endif
        inc     timer
        lda     timer           ; PRESS START blinks
        and     #$1F
        bne     @move
        lda     timer
        and     #$20
        bne     @off
        ldx     #<txt_start
        ldy     #>txt_start
        bne     @put
@off:   ldx     #<txt_start_off
        ldy     #>txt_start_off
@put:   jsr     buffer_text
@move:  ; the fox runs on a flat course without end
        inc     camera
        bne     :+
        inc     camera+1
:       lda     camera
        clc
        adc     #64
        sta     hero_x
        lda     camera+1
        adc     #0
        sta     hero_x+1
        lda     #FIELD_TOP+6*16-FOX_H
        sta     hero_y
        lda     #0
        sta     facing
        lda     frames
        lsr     a
        lsr     a
        jsr     leg
        jsr     draw_fox
        jsr     stream
        lda     pad_new
        and     #BTN_START
        beq     @choose
.if VERSION >= 1
        lda     pad             ; with Select: at once, the picture off
        and     #BTN_SELECT
        bne     @now
        lda     title_step
        bne     @choose
        inc     starting
        ldx     #0              ; in the colours of the bar
        ldy     #24
        jsr     buffer_attributes
        lda     #WIPE_BAR
        ldx     #0
        jmp     start_wipe_at
@now:
.endif
        jmp     new_game
        ; the level: Up and Down by 1, Right and Left by 100
@choose:
        lda     pad
        and     #BTN_UP|BTN_DOWN|BTN_LEFT|BTN_RIGHT
        bne     @held
        sta     repeat
        rts
@held:  ldx     repeat
        beq     @turn
        cpx     #24
        bcs     @fast
        inc     repeat
        rts
@fast:  ldx     #20
        stx     repeat
@turn:  inc     repeat
        ldx     #0
        lsr     a
        bcs     @add            ; right
        inx
        lsr     a
        bcs     @add            ; left
        inx
        inx
        lsr     a
        bcs     @add            ; down
        dex                     ; up
@add:   lda     level
        clc
        adc     choose_lo,x
        sta     level
        lda     level+1
        adc     choose_hi,x
        sta     level+1
        jmp     buffer_level

choose_lo:      .byte   100, <-100, 1, <-1
choose_hi:      .byte   0, >-100, 0, >-1

.if VERSION >= 1
; leave_title: the fox waits while the level takes the title's place
leave_title:
        ldx     #F_STAND
        stx     hero_frame
        jsr     draw_fox
        lda     wipe_row
        cmp     wipe_end
        bcc     @done
        ldx     starting
        dex
        bne     @columns
        ; the colours of the hills, in both nametables
        ldx     #15
@attr:  lda     attrs,x
        ora     #$0F
        sta     attrs,x
        dex
        bpl     @attr
        lda     #$23
        jsr     buffer_hills
        lda     #$27
        jsr     buffer_hills
        inc     starting
        lda     #0
        sta     title_mode
        lda     level
        ldx     level+1
        jmp     begin_preparing
@columns:
        lda     gen_col
        cmp     #PREPARED
        bcs     :+
        jmp     make_column
:       dex
        bne     @begin
        inc     starting
        ldx     #<txt_bar
        ldy     #>txt_bar
        jmp     buffer_text
@begin: lda     #0
        sta     starting
        lda     #$FF            ; draw the scenery in any case
        sta     theme
        jmp     new_game
@done:  rts

; build_title: after a game, what is above the field comes row by row
build_title:
        ldx     title_step
        beq     @done
        lda     vbuf_len
        bne     @done
        lda     wipe_row
        cmp     wipe_end
        bcc     @done
        inc     title_step
        dex
        beq     @rows
        dex
        beq     @colours
        lda     #0
        sta     title_step
        ldx     #<txt_title_level
        ldy     #>txt_title_level
        jsr     buffer_text
        jmp     buffer_level
@rows:  lda     #WIPE_TITLE
        ldx     #0
        jmp     start_wipe_at
@colours:
        ldx     #1
        ldy     #24
        jmp     buffer_attributes
@done:  rts

; buffer_attributes: the first Y bytes of attributes: 0, or with X = 1 the title's
buffer_attributes:
        sty     t0
        stx     t1
        ldx     vbuf_len
        tya
        sta     vbuf,x
        lda     #$23
        sta     vbuf+1,x
        lda     #$C0
        sta     vbuf+2,x
        ldy     #0
@byte:  lda     t1
        beq     :+
        lda     title_attrs,y
:       sta     vbuf+3,x
        inx
        iny
        cpy     t0
        bne     @byte
end_record:
        inx
        inx
        inx
        lda     #0
        sta     vbuf,x
        stx     vbuf_len
        rts

; buffer_hills: the attributes of rows 8 to 15 in the nametable of A, $23 or $27
buffer_hills:
        ldx     vbuf_len
        sta     vbuf+1,x
        and     #4
        asl     a
        tay
        lda     #16
        sta     vbuf,x
        sta     t0
        lda     #$D0
        sta     vbuf+2,x
@byte:  lda     t0
        cmp     #9
        lda     #$FF
        bcs     @put
        lda     attrs,y
        iny
@put:   sta     vbuf+3,x
        inx
        dec     t0
        bne     @byte
        beq     end_record
.endif

; show_level: the level's number to the PPU's address (after print)
show_level:
        jsr     level_digits
        ldx     #0
@digit: lda     number,x
        sta     PPUDATA
        inx
        cpx     #5
        bne     @digit
        rts

; level_digits: number = the tiles of level's decimal digits
level_digits:
        lda     level
        sta     edge
        lda     level+1
        sta     edge+1
        ldy     #0
@place: ldx     #$10            ; the tile of 0
@sub:   lda     edge
        sec
        sbc     ten_lo,y
        pha
        lda     edge+1
        sbc     ten_hi,y
        bcc     @done
        sta     edge+1
        pla
        sta     edge
        inx
        bne     @sub
@done:  pla
        txa
        sta     number,y
        iny
        cpy     #4
        bne     @place
        lda     edge
        ora     #$10
        sta     number+4
        rts

ten_lo:         .byte   <10000, <1000, <100, <10
ten_hi:         .byte   >10000, >1000, >100, >10

; buffer_level: the same on the title, through vbuf
buffer_level:
        jsr     level_digits
        lda     #5
        ldx     #$21
        ldy     #$91
        ; fall through

; buffer_number: A tiles of number at VRAM address X (high), Y (low)
buffer_number:
        sta     t0
        stx     t1
        ldx     vbuf_len
        sta     vbuf,x
        lda     t1
        sta     vbuf+1,x
        tya
        sta     vbuf+2,x
        ldy     #0
@digit: lda     number,y
        sta     vbuf+3,x
        inx
        iny
        cpy     t0
        bne     @digit
        inx
        inx
        inx
        lda     #0
        sta     vbuf,x
        stx     vbuf_len
        rts

; buffer_text: text at X (low), Y (high): length, high, low, characters
buffer_text:
        stx     ptr
        sty     ptr+1
        ldy     #0
        lda     (ptr),y
        clc
        adc     #3
        sta     t0
        ldx     vbuf_len
@byte:  lda     (ptr),y
        cpy     #3
        bcc     :+
        sbc     #32
:       sta     vbuf,x
        inx
        iny
        cpy     t0
        bne     @byte
        lda     #0
        sta     vbuf,x
        stx     vbuf_len
        rts

; ---------------------------------------------------------------------------
; a game, a level
; ---------------------------------------------------------------------------
new_game:
        lda     #3
        sta     lives
        lda     #0
        sta     score
        sta     score+1
        sta     score+2
        sta     coins
        sta     coins+1
        sta     won
        ; fall through

new_level:
        lda     #START_X
        sta     progress
        lda     #0
        sta     progress+1
        ; fall through

; go_level: the level from its beginning
go_level:
.if VERSION >= 1
        lda     preparing
        beq     :+
        lda     gen_col
        cmp     #PREPARED
        bcc     :+
        jmp     cut
:
.endif
        jsr     screen_off
        lda     #0
        sta     title_mode
        sta     goal_x
        sta     goal_x+1
        sta     camera
        sta     camera+1
.if VERSION >= 1
        jsr     reset_ring
.endif
        jsr     start_course
        jsr     random
        and     #3
        sta     theme
        jsr     random
        and     #31
        clc
        adc     #MIN_COLUMNS
        sta     course
        jsr     clear_screen
        jsr     set_palettes
        jsr     draw_strip
        ; the bar: three dark rows and its edge, which is in both nametables as the clouds begin in its last lines
        lda     #$20
        ldx     #$00
        jsr     set_addr
        lda     #0
        ldx     #96
        jsr     fill
        lda     #T_BAR
        ldx     #32
        jsr     fill
        lda     #$24
        ldx     #$60
        jsr     set_addr
        lda     #T_BAR
        ldx     #32
        jsr     fill
        print_at txt_status
.if VERSION = 0
        lda     #$20
        ldx     #$4F
        jsr     set_addr
        jsr     show_level
.endif
        jsr     first_columns
.if VERSION >= 1
        jmp     begin_level

; reset_ring: the nametables are drawn anew, from column 0 on
reset_ring:
        lda     #0
        sta     ring
        sta     ring_new
        sta     preparing
        sta     wipe_row
        sta     wipe_end
        sta     starting
        sta     title_step
        rts

; jump: to column 0 of what was prepared
jump:
        lda     ring_new
        sta     ring
        ldx     #0
        stx     preparing
        stx     goal_x
        stx     goal_x+1
        stx     camera
        stx     camera+1
@map:   lda     new_map,x
        sta     map,x
        inx
        cpx     #PREPARED*8
        bne     @map
        lda     #0
        ldx     #PARTS-1
@parts: sta     part_life,x
        sta     en_kind,x
        dex
        bpl     @parts
        lda     #4              ; what the state drew is of the old place
        sta     oam_pos
        jmp     make_column     ; the last one that is on the screen

; cut_to_title: the title with nothing above the field yet
cut_to_title:
        jsr     jump
        lda     #ST_TITLE
        sta     state
        sta     theme
        sta     timer
        sta     repeat
        jsr     buffer_palette
        lda     #$FF            ; no sprite 0
        sta     OAM
        lda     #BANK_LOGO
        sta     top_bank
        lda     #BANK_LOGO+1
        sta     top_bank2
        lda     #2
        sta     split_on
        lda     #64
        sta     hero_x
        lda     #FIELD_TOP+6*16-FOX_H
        sta     hero_y
        lda     #0
        sta     hero_x+1
        sta     facing
        jsr     leg
        jsr     draw_fox
        lda     #SONG_TITLE
        jmp     start_song

; buffer_panel: the attributes of the hills become those of the title's panel
buffer_panel:
        ldx     #7              ; the panel's colours
@attr:  lda     attrs,x
        and     #$F0
        sta     attrs,x
        dex
        bpl     @attr
        ldx     vbuf_len
        lda     #16
        sta     vbuf,x
        lda     #$23
        sta     vbuf+1,x
        lda     #$D0
        sta     vbuf+2,x
        ldy     #<-8
@byte:  lda     #0
        sta     vbuf+3,x
        lda     attrs+8-$100,y
        sta     vbuf+11,x
        inx
        iny
        bne     @byte
        txa
        clc
        adc     #8
        tax
        jmp     end_record

; prepare: what is left to do before the level begins again, one step a frame: one more column beside the screen
prepare:
        lda     level
        ldx     level+1
prepare_number:                 ; A, X: the level
        ldy     timer
        cpy     #PREPARE_TIME
        beq     @begin
        bcs     @done
        lda     preparing
        beq     @done
        lda     gen_col
        cmp     #PREPARED
        bcs     @done
        jmp     make_column
@begin: jmp     begin_preparing
@done:  rts

; begin_preparing: A, X: the level
begin_preparing:
        jsr     start_number
        jsr     random
        and     #3
        sta     next_theme
        jsr     random
        and     #31
        clc
        adc     #MIN_COLUMNS
        sta     course
        lda     #0
        sta     gen_col
        sta     gen_col+1
        inc     preparing
        lda     camera          ; the first one beside the screen
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        sta     t0
        lda     camera+1
        asl     a
        asl     a
        asl     a
        asl     a
        ora     t0
        clc
        adc     ring
        clc
        adc     #17
        and     #31
        sta     ring_new
        rts

; cut: the screen jumps to what was prepared
cut:
        jsr     jump
        lda     next_theme
        cmp     theme
        beq     begin_level
        sta     theme
        jsr     buffer_palette
        lda     #WIPE_SCENERY
        jsr     start_wipe
        ; fall through

; begin_level: the fox at the beginning of what is drawn
begin_level:
.endif
        lda     #TIME_START
        sta     time
.if VERSION >= 1
        lda     #DIRTY_SCORE|DIRTY_COINS|DIRTY_TIME|DIRTY_LIVES|DIRTY_LEVEL
        sta     dirty
.else
        lda     #DIRTY_SCORE|DIRTY_COINS|DIRTY_TIME|DIRTY_LIVES
        sta     dirty
        jsr     draw_status     ; into the buffer, for the first vblank
.endif
        lda     #BANK_TERRAIN
        sta     top_bank
        lda     #0
        sta     top_bank2

        ; sprite 0: a line on the bright line of the bar, behind it
        lda     #26
        sta     OAM
        lda     #T_LINE
        sta     OAM+1
        lda     #$20
        sta     OAM+2
        lda     #120
        sta     OAM+3

        ldx     #hero_vy+1-hero_x
        lda     #0
@zero:  sta     hero_x,x
        dex
        bpl     @zero
        sta     hero_xf
        sta     hero_yf
        sta     facing
        sta     coyote
        sta     jump_buffer
        sta     chain
        sta     walk
        sta     time_part
        lda     #START_X
        sta     hero_x
        lda     #FIELD_TOP+6*16-FOX_H
        sta     hero_y
        lda     #1
        sta     on_ground
        lda     #MASK_ON
        sta     ppu_mask
        lda     #1
        sta     split_on
        lda     #ST_READY
        sta     state
        lda     #READY_TIME
        sta     timer
        lda     #SONG_TRAIL
        jsr     start_song
        jmp     draw_world

run_ready:
.if VERSION >= 1
        jsr     stream          ; after a cut some columns are missing yet
.endif
        jsr     draw_world
        lda     timer
        cmp     #6
        bcc     @plain
        ldx     #<txt_ready
        ldy     #>txt_ready
        jsr     sprite_text
@plain: dec     timer
        bne     @done
        lda     #ST_PLAY
        sta     state
@done:  rts

; ---------------------------------------------------------------------------
; play
; ---------------------------------------------------------------------------
run_play:
        jsr     tick
        jsr     steer
        jsr     move_x
        jsr     move_y
        jsr     touch
        jsr     move_camera
        jsr     move_enemies
        lda     state
        cmp     #ST_PLAY
        bne     @draw
        jsr     check_goal
@draw:  jsr     stream
        ; fall through

draw_world:
        jsr     pose
        jsr     draw_fox
        jsr     draw_enemies
        jmp     move_parts

; tick: the time
tick:
        inc     time_part
        lda     time_part
        cmp     #TIME_UNIT
        bcc     @done
        lda     #0
        sta     time_part
        lda     dirty
        ora     #DIRTY_TIME
        sta     dirty
        dec     time
        bne     @done
        jmp     lose
@done:  rts

; steer: the speed that the buttons ask for
steer:
        lda     #0
        sta     target
        sta     target+1
        lda     #$0C            ; nothing pressed: slow down
        sta     step
        lda     on_ground
        bne     :+
        lda     #$06
        sta     step
:       lda     pad
        and     #BTN_LEFT|BTN_RIGHT
        beq     @toward
        cmp     #BTN_LEFT|BTN_RIGHT
        beq     @toward
        ldx     #<WALK_SPEED
        ldy     #>WALK_SPEED
        bit     pad
        bvc     :+
        ldx     #<RUN_SPEED
        ldy     #>RUN_SPEED
:       stx     target
        sty     target+1
        ldx     #$10
        and     #BTN_LEFT
        bne     @left
        lda     hero_vx+1
        bpl     :+
        ldx     #$28            ; turning round
:       stx     step
        lda     #0
        sta     facing
        beq     @toward
@left:  lda     #0
        sec
        sbc     target
        sta     target
        lda     #0
        sbc     target+1
        sta     target+1
        lda     hero_vx+1
        bmi     :+
        ldx     #$28
:       stx     step
        lda     #$40
        sta     facing
        ; hero_vx goes towards target by step
@toward:
        lda     target
        sec
        sbc     hero_vx
        sta     t0
        lda     target+1
        sbc     hero_vx+1
        bmi     @slower
        bne     @faster         ; the difference is $100 or more
        lda     t0
        cmp     step
        bcc     @there
@faster:
        lda     hero_vx
        clc
        adc     step
        sta     hero_vx
        bcc     @jump
        inc     hero_vx+1
        bcs     @jump
@slower:
        cmp     #$FF
        bne     @down
        lda     t0
        clc
        adc     step
        bcs     @there
@down:  lda     hero_vx
        sec
        sbc     step
        sta     hero_vx
        bcs     @jump
        dec     hero_vx+1
        bcc     @jump
@there: lda     target
        sta     hero_vx
        lda     target+1
        sta     hero_vx+1

        ; A shortly before landing, or shortly after the ground ended, counts
@jump:  lda     pad_new
        bpl     :+
        lda     #5
        sta     jump_buffer
:       lda     on_ground
        beq     :+
        lda     #5
        sta     coyote
:       lda     jump_buffer
        beq     @gravity
        dec     jump_buffer
        lda     coyote
        beq     @gravity
        lda     #0
        sta     jump_buffer
        sta     coyote
        sta     on_ground
        ldx     #<-JUMP_SPEED
        ldy     #>-JUMP_SPEED
        lda     hero_vx+1
        bpl     :+
        eor     #$FF
:       cmp     #2
        bcc     :+
        ldx     #<-RUN_JUMP_SPEED
        ldy     #>-RUN_JUMP_SPEED
:       stx     hero_vy
        sty     hero_vy+1
        ldx     #<sfx_jump
        ldy     #>sfx_jump
        jsr     start_sfx
@gravity:
        lda     coyote
        beq     :+
        dec     coyote
:       ldx     #GRAVITY
        lda     hero_vy+1
        bpl     @pull
        lda     pad
        bpl     @pull
        ldx     #GRAVITY_HELD
@pull:  txa
        clc
        adc     hero_vy
        sta     hero_vy
        bcc     :+
        inc     hero_vy+1
:       lda     hero_vy+1
        bmi     @done
        cmp     #>MAX_FALL
        bcc     @done
        lda     hero_vy
        cmp     #<MAX_FALL
        bcc     @done
        lda     #<MAX_FALL
        sta     hero_vy
        lda     #>MAX_FALL
        sta     hero_vy+1
@done:  rts

; move_x: sideways, up to a wall or the screen's left edge
move_x:
        ldx     #0
        lda     hero_vx+1
        bpl     :+
        dex
:       lda     hero_xf
        clc
        adc     hero_vx
        sta     hero_xf
        lda     hero_x
        pha
        adc     hero_vx+1
        sta     hero_x
        txa
        adc     hero_x+1
        sta     hero_x+1
        pla                     ; the legs move with the fox
        sec
        sbc     hero_x
        bpl     :+
        eor     #$FF
        adc     #1
:       clc
        adc     walk
        sta     walk
        ; the screen's edge
        lda     hero_x
        sec
        sbc     camera
        lda     hero_x+1
        sbc     camera+1
        bpl     @walls          ; signed: left of the level's beginning, too
        lda     camera
        sta     hero_x
        lda     camera+1
        sta     hero_x+1
        lda     #0
        sta     hero_vx
        sta     hero_vx+1
        sta     hero_xf
        rts
@walls: ldx     #13
        lda     hero_vx+1
        bpl     :+
        ldx     #2
:       stx     edge
        ldy     #6
        jsr     @test
        bcs     @stop
        ldy     #14
        jsr     @test
        bcs     @stop
        ldy     #22
        jsr     @test
        bcc     @done
@stop:  lda     hero_vx+1
        bmi     @left
        lda     pt_x
        and     #$F0
        sec
        sbc     #14
        sta     hero_x
        lda     pt_x+1
        sbc     #0
        sta     hero_x+1
        jmp     @still
@left:  lda     pt_x
        ora     #$0F
        sec
        sbc     #1
        sta     hero_x
        lda     pt_x+1
        sbc     #0
        sta     hero_x+1
@still: lda     #0
        sta     hero_vx
        sta     hero_vx+1
        sta     hero_xf
@done:  rts
        ; C: the piece at edge, Y from the fox's corner is a wall
@test:  ldx     edge
        jsr     piece_from_fox
        cmp     #SOLID
        beq     @wall
        cmp     #BOX
        beq     @wall
        clc
        rts
@wall:  sec
        rts

; piece_from_fox: X right of and Y below the fox's corner: A the kind, X the place in map, Y the piece
piece_from_fox:
        txa
        clc
        adc     hero_x
        sta     pt_x
        lda     hero_x+1
        adc     #0
        sta     pt_x+1
        tya
        clc
        adc     hero_y
        sta     pt_y
        ; fall through

; piece_at: the piece at pt_x, pt_y: A the kind, X the place in map, Y the piece
piece_at:
        lda     pt_y
        sec
        sbc     #FIELD_TOP
        bcc     @none
        cmp     #128
        bcs     @none
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        sta     cell
        lda     pt_x+1
        lsr     a               ; C: which half of the map
        lda     pt_x
        and     #$F0
        ror     a
        ora     cell
        tax
        ldy     map,x
        lda     piece_kind,y
        rts
@none:  lda     #0
        tax
        tay
        rts

AIR             = 0
SOLID           = 1
PLATFORM        = 2
COIN            = 3
HAZARD          = 4
BOX             = 5
GOAL            = 6

; move_y: up to a ceiling, or down to the ground
move_y:
        lda     hero_yf
        clc
        adc     hero_vy
        sta     hero_yf
        lda     hero_y
        adc     hero_vy+1
        sta     hero_y
        lda     hero_vy+1
        bmi     @up
        lda     #0
        sta     on_ground
        ldx     #4
        jsr     @foot
        bcs     @land
        ldx     #11
        jsr     @foot
        bcs     @land
        lda     hero_y
        cmp     #LOST_Y
        bcc     @done
        jmp     lose
@land:  lda     hero_y
        clc
        adc     #FOX_H
        and     #$F0
        sec
        sbc     #FOX_H
        sta     hero_y
        lda     #0
        sta     hero_yf
        sta     hero_vy
        sta     hero_vy+1
        sta     chain
        lda     #1
        sta     on_ground
@done:  rts
        ; C: there is ground X right of the fox's corner
@foot:  ldy     #FOX_H
        jsr     piece_from_fox
        cmp     #SOLID
        beq     @yes
        cmp     #BOX
        beq     @yes
        cmp     #PLATFORM
        bne     @no
        lda     pt_y            ; only from above
        and     #$0F
        cmp     #6
        bcs     @no
@yes:   sec
        rts
@no:    clc
        rts

@up:    ldx     #7
        jsr     @head
        bcs     @bump
        ldx     #4
        jsr     @head
        bcs     @bump
        ldx     #11
        jsr     @head
        bcs     @bump
        rts
@head:  ldy     #4
        jsr     piece_from_fox
        cmp     #SOLID
        beq     @yes
        cmp     #BOX
        beq     @yes
        clc
        rts
@bump:  cmp     #BOX
        bne     @hard
        lda     #M_BOX_USED
        jsr     replace
        jsr     pop_coin
        jsr     gain_coin
        jmp     @back
@hard:  ldx     #<sfx_bump
        ldy     #>sfx_bump
        jsr     start_sfx
@back:  lda     hero_y
        clc
        adc     #4
        ora     #$0F
        sec
        sbc     #3
        sta     hero_y
        lda     #0
        sta     hero_yf
        sta     hero_vy+1
        lda     #$40
        sta     hero_vy
        rts

; touch: coins and thistles
touch:
        ldx     #8
        ldy     #6
        jsr     @take
        ldx     #8
        ldy     #18
        jsr     @take
        ldx     #3
        ldy     #14
        jsr     @take
        ldx     #12
        ldy     #14
        jsr     @take
        ldx     #5
        ldy     #20
        jsr     @sting
        ldx     #10
        ldy     #20
@sting: jsr     piece_from_fox
        cmp     #HAZARD
        bne     @done
        lda     pt_y            ; the flower's edge does not hurt
        and     #$0F
        cmp     #5
        bcc     @done
        jmp     lose
@take:  jsr     piece_from_fox
        cmp     #COIN
        bne     @done
        lda     #M_EMPTY
        jsr     replace
        jsr     sparkle
        jmp     gain_coin
@done:  rts

gain_coin:
        inc     coins
        bne     :+
        inc     coins+1
:       lda     dirty
        ora     #DIRTY_COINS
        sta     dirty
        ldx     #<sfx_coin
        ldy     #>sfx_coin
        jsr     start_sfx
        lda     #50
        ldx     #0
        ; fall through

; add_score: A + 256 * X
add_score:
        clc
        adc     score
        sta     score
        txa
        adc     score+1
        sta     score+1
        bcc     :+
        inc     score+2
:       lda     dirty
        ora     #DIRTY_SCORE
        sta     dirty
        rts

; pop_coin: a coin jumps out of the box at pt_x, pt_y
pop_coin:
        jsr     free_part
        lda     #26
        sta     part_life,x
        lda     #T_COIN_POP
        sta     part_tile,x
        lda     pt_x
        and     #$F0
        ora     #4
        sta     part_xl,x
        lda     pt_x+1
        sta     part_xh,x
        lda     pt_y
        and     #$F0
        sec
        sbc     #8
        sta     part_y,x
        lda     #<-4
        sta     part_v,x
        lda     #0
        sta     part_u,x
        rts

; sparkle: where a coin was
sparkle:
        jsr     free_part
        lda     #14
        sta     part_life,x
        lda     #T_STAR
        sta     part_tile,x
        lda     pt_x
        and     #$F0
        ora     #4
        sta     part_xl,x
        lda     pt_x+1
        sta     part_xh,x
        lda     pt_y
        and     #$F0
        ora     #4
        sta     part_y,x
        lda     #0
        sta     part_v,x
        sta     part_u,x
        rts

; free_part: X = a slot, the oldest if none is free
free_part:
        ldx     #PARTS-1
        ldy     #PARTS-1
@slot:  lda     part_life,x
        beq     @done
        cmp     part_life,y
        bcs     :+
        txa
        tay
:       dex
        bpl     @slot
        tya
        tax
@done:  rts

; replace: piece A at the place X of map that piece_at found
replace:
        sta     map,x
        tay
        ldx     vbuf_len
        lda     #2
        sta     vbuf,x
        sta     vbuf+5,x
.if VERSION >= 1
        lda     pt_x
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        sta     t1
        lda     pt_x+1
        asl     a
        asl     a
        asl     a
        asl     a
        ora     t1
        clc
        adc     ring
        sta     t1
        and     #16
        lsr     a
        lsr     a
        sta     t0
        lda     t1
        and     #15
        asl     a
        sta     t1
.else
        lda     pt_x+1
        and     #1
        asl     a
        asl     a
        sta     t0
        lda     pt_x
        and     #$F0
        lsr     a
        lsr     a
        lsr     a
        sta     t1
.endif
        sty     t2
        ldy     cell
        clc
        adc     row_lo,y
        sta     vbuf+2,x
        lda     row_hi,y
        ora     t0
        sta     vbuf+1,x
        sta     vbuf+6,x
        lda     vbuf+2,x
        ora     #32
        sta     vbuf+7,x
        ldy     t2
        lda     piece_tl,y
        sta     vbuf+3,x
        lda     piece_tr,y
        sta     vbuf+4,x
        lda     piece_bl,y
        sta     vbuf+8,x
        lda     piece_br,y
        sta     vbuf+9,x
        lda     #0
        sta     vbuf+10,x
        txa
        clc
        adc     #10
        sta     vbuf_len
        rts

; VRAM addresses of the field's rows
row_lo: .repeat 8, i
        .byte   <($21C0+i*64)
        .endrepeat
row_hi: .repeat 8, i
        .byte   >($21C0+i*64)
        .endrepeat

; move_camera: it follows the fox and never goes back
move_camera:
        lda     hero_x
        sec
        sbc     #104
        sta     t0
        lda     hero_x+1
        sbc     #0
        sta     t1
        bmi     @seen
        lda     goal_x+1        ; the goal stays in sight
        beq     @go
        lda     goal_x
        sec
        sbc     #128
        sta     t2
        lda     goal_x+1
        sbc     #0
        sta     t3
        lda     t2
        cmp     t0
        lda     t3
        sbc     t1
        bcs     @go
        lda     t2
        sta     t0
        lda     t3
        sta     t1
@go:    lda     camera
        cmp     t0
        lda     camera+1
        sbc     t1
        bcs     @seen
        lda     t0
        sta     camera
        lda     t1
        sta     camera+1
@seen:  lda     progress
        cmp     hero_x
        lda     progress+1
        sbc     hero_x+1
        bcs     @done
        lda     hero_x
        sta     progress
        lda     hero_x+1
        sta     progress+1
@done:  rts

; stream: the next column, if the screen comes near it
stream:
        lda     camera+1
        sta     t0
        lda     camera
        ldx     #4
@div:   lsr     t0
        ror     a
        dex
        bne     @div
        clc
        adc     #AHEAD
        sta     t1
        lda     t0
        adc     #0
        sta     t0
        lda     gen_col
        cmp     t1
        lda     gen_col+1
        sbc     t0
        bcs     @done
        jmp     make_column
@done:  rts

; ---------------------------------------------------------------------------
; the goal, and the ends
; ---------------------------------------------------------------------------
check_goal:
        lda     goal_x+1
        beq     @done           ; it is not there yet
        lda     hero_x
        clc
        adc     #6
        sta     t0
        lda     hero_x+1
        adc     #0
        sta     t1
        lda     t0
        cmp     goal_x
        lda     t1
        sbc     goal_x+1
        bcc     @done
        lda     #ST_CLEAR
        sta     state
        lda     #CLEAR_TIME
        sta     timer
        inc     won
        lda     #<1000
        ldx     #>1000
        jsr     add_score
        lda     #SONG_GOAL
        jsr     start_song
@done:  rts

; run_clear: the fox walks home, and the time left becomes points
run_clear:
        lda     #0
        sta     pad_new
        sta     jump_buffer
        lda     #BTN_RIGHT
        sta     pad
        jsr     home            ; C: it is there
        bcs     @inside
        jsr     steer
        jsr     move_x
        jsr     move_y
        lda     #ST_CLEAR
        sta     state
@inside:
        jsr     move_enemies_only
.if VERSION >= 1
        lda     level
        ldx     level+1
        clc
        adc     #1
        bcc     :+
        inx
:       jsr     prepare_number
        lda     timer
        cmp     #ERASE_TIME
        bne     :+
        lda     next_theme
        cmp     theme
        beq     :+
        lda     #WIPE_SKY
        jsr     start_wipe
:
.endif
        lda     time
        beq     @draw
        dec     time
        lda     dirty
        ora     #DIRTY_TIME
        sta     dirty
        lda     #10
        ldx     #0
        jsr     add_score
@draw:
.if VERSION >= 1
        lda     preparing
        bne     @ahead
.endif
        jsr     stream
@ahead: jsr     home
        bcs     @gone
        jsr     pose
        jsr     draw_fox
@gone:  jsr     draw_enemies
        jsr     move_parts
        ldx     #<txt_goal
        ldy     #>txt_goal
        jsr     sprite_text
        dec     timer
        bne     @done
        inc     level
        bne     :+
        inc     level+1
:       jmp     new_level
@done:  rts
home:   lda     goal_x
        clc
        adc     #72
        sta     t0
        lda     goal_x+1
        adc     #0
        sta     t1
        lda     hero_x
        cmp     t0
        lda     hero_x+1
        sbc     t1
        rts

; lose: a life
lose:
        lda     state
        cmp     #ST_PLAY
        bne     @done
        lda     #ST_LOST
        sta     state
        lda     #LOST_TIME
        sta     timer
        dec     lives
        lda     dirty
        ora     #DIRTY_LIVES
        sta     dirty
        lda     #0
        sta     hero_vy
        lda     #>-$0400
        sta     hero_vy+1
        lda     #0
        sta     sfx_ptr+1
        lda     #SONG_LOST
        jmp     start_song
@done:  rts

run_lost:
        lda     timer
        cmp     #LOST_TIME-24
        bcs     @draw           ; the world stops for a moment
        lda     hero_y
        cmp     #240
        bcs     @draw
        lda     hero_vy
        clc
        adc     #$28
        sta     hero_vy
        bcc     :+
        inc     hero_vy+1
:       lda     hero_yf
        clc
        adc     hero_vy
        sta     hero_yf
        lda     hero_y
        adc     hero_vy+1
        sta     hero_y
        bcc     @draw
        lda     hero_vy+1
        bmi     @draw
        lda     #240
        sta     hero_y
@draw:  lda     hero_y
        cmp     #240
        bcs     :+
        jsr     pose
        jsr     draw_fox
:       jsr     draw_enemies
        jsr     move_parts
.if VERSION >= 1
        lda     lives
        beq     :+
        jsr     prepare
:
.endif
        dec     timer
        bne     @done
        lda     lives
        bne     @again
        lda     #ST_OVER
        sta     state
        lda     #OVER_TIME
        sta     timer
        lda     #SONG_OVER
        jmp     start_song
@again: jmp     go_level
@done:  rts

run_over:
        jsr     draw_enemies
        ldx     #<txt_over
        ldy     #>txt_over
        jsr     sprite_text
.if VERSION >= 1
        lda     timer
        cmp     #PREPARE_TIME
        bne     :+
        lda     #WIPE_SKY
        jsr     start_wipe
        lda     #1
        sta     title_mode
        lda     level
        ldx     level+1
        jsr     begin_preparing
:       lda     wipe_row        ; the hills go first: the columns bring the colours of the title's panel
        cmp     wipe_end
        bcc     @count
        lda     preparing
        beq     @count
        lda     title_step
        bne     @column
        inc     title_step
        jsr     buffer_panel
        jmp     @count
@column:
        jsr     prepare
@count: dec     timer
        beq     @leave
        lda     timer
        cmp     #PREPARE_TIME+1
        bcc     @done
        lda     pad_new
        and     #BTN_START
        beq     @done
        lda     #PREPARE_TIME
        sta     timer
        rts
@leave: lda     preparing
        beq     :+
        lda     gen_col
        cmp     #PREPARED
        bcc     :+
        jmp     cut_to_title
:       jmp     go_title
@done:  rts
.else
        dec     timer
        beq     @leave
        lda     pad_new
        and     #BTN_START
        beq     @done
@leave: jmp     go_title
@done:  rts
.endif

; ===========================================================================
; enemies
; ===========================================================================
ENEMY_BEETLE    = 1
ENEMY_TOAD      = 2
ENEMY_BEE       = 3

; spawn: enemy A at the column being generated, Y pixels above the ground
spawn:
        sta     t0
        sty     t1
        ldx     #ENEMIES-1
@slot:  lda     en_kind,x
        beq     @free
        dex
        bpl     @slot
        rts
@free:  lda     t0
        sta     en_kind,x
        lda     gen_col         ; the column after the one that is drawn
        clc
        adc     #1
        sta     t2
        lda     gen_col+1
        adc     #0
        sta     t3
        lda     t2
        asl     a
        rol     t3
        asl     a
        rol     t3
        asl     a
        rol     t3
        asl     a
        rol     t3
        sta     en_xl,x
        lda     t3
        sta     en_xh,x
        lda     ground
        asl     a
        asl     a
        asl     a
        asl     a
        clc
        adc     #FIELD_TOP-16
        sec
        sbc     t1
        sta     en_y,x
        sta     en_base,x
        lda     #0
        sta     en_dir,x
        sta     en_flat,x
        sta     en_vl,x
        sta     en_vh,x
        sta     en_yf,x
        lda     #30
        sta     en_time,x
        rts

; on_screen: t0, t1 = x of enemy X on the screen; C: it is far to the right
on_screen:
        lda     en_xl,x
        sec
        sbc     camera
        sta     t0
        lda     en_xh,x
        sbc     camera+1
        sta     t1
        bmi     @no
        beq     @no
        lda     t0
        cmp     #16
        rts
@no:    clc
        rts

move_enemies_only:
        lda     #1
        bne     :+
move_enemies:
        lda     #0
:       sta     harmless
        ldx     #ENEMIES-1
@enemy: stx     slot
        lda     en_kind,x
        beq     @next
        jsr     on_screen
        bcs     @next
        lda     t1
        bpl     @here
        lda     t0
        cmp     #<-24
        bcs     @here
        lda     #0              ; it is left behind
        sta     en_kind,x
        beq     @next
@here:  lda     en_flat,x
        beq     @lives
        dec     en_flat,x
        bne     @next
        lda     #0
        sta     en_kind,x
        beq     @next
@lives: jsr     @run
        ldx     slot
        lda     harmless
        bne     @next
        jsr     meet
        ldx     slot
@next:  dex
        bpl     @enemy
        rts
@run:   ldy     en_kind,x
        dey
        beq     move_beetle
        dey
        beq     move_toad
        jmp     move_bee

; a beetle walks, and turns at walls, thistles and gaps
move_beetle:
        lda     frames
        and     #1
        bne     @done
        jsr     advance
        ldy     #2
        lda     en_dir,x
        beq     :+
        ldy     #13
:       jsr     enemy_point
        lda     en_y,x
        clc
        adc     #10
        sta     pt_y
        jsr     piece_at
        cmp     #SOLID
        beq     @turn
        cmp     #BOX
        beq     @turn
        cmp     #HAZARD
        beq     @turn
        lda     pt_y
        clc
        adc     #8
        sta     pt_y
        jsr     piece_at
        cmp     #SOLID
        beq     @done
        cmp     #PLATFORM
        beq     @done
@turn:  ldx     slot
        lda     en_dir,x
        eor     #1
        sta     en_dir,x
        jsr     advance
@done:  rts

; enemy_point: pt_x = Y right of the enemy's left edge
enemy_point:
        ldx     slot
        tya
        clc
        adc     en_xl,x
        sta     pt_x
        lda     en_xh,x
        adc     #0
        sta     pt_x+1
        rts

; advance: one pixel in its direction
advance:
        ldx     slot
        lda     en_dir,x
        bne     @right
        lda     en_xl,x
        bne     :+
        dec     en_xh,x
:       dec     en_xl,x
        rts
@right: inc     en_xl,x
        bne     :+
        inc     en_xh,x
:       rts

; a toad sits, then leaps to the left, and the next time back
move_toad:
        lda     en_time,x
        beq     @leaps
        dec     en_time,x
        bne     @done
        lda     #<-$0380
        sta     en_vl,x
        lda     #>-$0380
        sta     en_vh,x
@done:  rts
@leaps: lda     en_vl,x
        clc
        adc     #$28
        sta     en_vl,x
        bcc     :+
        inc     en_vh,x
:       lda     en_yf,x
        clc
        adc     en_vl,x
        sta     en_yf,x
        lda     en_y,x
        adc     en_vh,x
        sta     en_y,x
        cmp     en_base,x
        bcc     @air
        lda     en_base,x
        sta     en_y,x
        lda     #44
        sta     en_time,x
        lda     en_dir,x
        eor     #1
        sta     en_dir,x
        rts
@air:   lda     frames
        and     #3
        beq     @done
        jmp     advance

; a bee flies to the left in waves
move_bee:
        inc     en_time,x
        lda     en_time,x
        lsr     a
        lsr     a
        and     #15
        tay
        lda     en_base,x
        clc
        adc     wave,y
        sta     en_y,x
        lda     frames
        and     #3
        beq     @done
        jmp     advance
@done:  rts

wave:   .byte   0, 4, 7, 9, 10, 9, 7, 4, 0, <-4, <-7, <-9, <-10, <-9, <-7, <-4

; meet: does enemy X touch the fox?
meet:
        lda     en_xl,x
        sec
        sbc     hero_x
        sta     t0
        lda     en_xh,x
        sbc     hero_x+1
        sta     t1
        lda     t0
        clc
        adc     #11
        sta     t0
        lda     t1
        adc     #0
        bne     @no
        lda     t0
        cmp     #23
        bcs     @no
        lda     hero_y          ; the fox's feet and head
        clc
        adc     #FOX_H
        sec
        sbc     en_y,x
        bcc     @no
        cmp     #3
        bcc     @no
        cmp     #36
        bcs     @no
        ; from above: while falling, with the feet in its upper part
        cmp     #14
        bcs     @hurt
        lda     hero_vy+1
        bmi     @hurt
        lda     on_ground
        bne     @hurt
        lda     #24
        sta     en_flat,x
        ldx     #<-STOMP_SPEED
        ldy     #>-STOMP_SPEED
        lda     pad
        bpl     :+
        ldx     #<-JUMP_SPEED
        ldy     #>-JUMP_SPEED
:       stx     hero_vy
        sty     hero_vy+1
        ldy     chain
        cpy     #3
        bcs     :+
        inc     chain
:       lda     stomp_lo,y
        ldx     stomp_hi,y
        jsr     add_score
        jsr     burst
        ldx     #<sfx_stomp
        ldy     #>sfx_stomp
        jmp     start_sfx
@hurt:  jmp     lose
@no:    rts

stomp_lo:       .byte   <100, <200, <400, <800
stomp_hi:       .byte   >100, >200, >400, >800

; burst: two puffs from the enemy in slot
burst:
        lda     #<-1
        jsr     @one
        lda     #1
@one:   pha
        jsr     free_part
        ldy     slot
        lda     #18
        sta     part_life,x
        lda     #T_PUFF
        sta     part_tile,x
        lda     en_xl,y
        clc
        adc     #4
        sta     part_xl,x
        lda     en_xh,y
        adc     #0
        sta     part_xh,x
        lda     en_y,y
        clc
        adc     #4
        sta     part_y,x
        lda     #<-1
        sta     part_v,x
        pla
        sta     part_u,x
        rts

; ===========================================================================
; sprites
; ===========================================================================

; put_sprite: tile A at spr_x, spr_y with spr_attr; keeps X
put_sprite:
        ldy     oam_pos
        beq     @full           ; 64 are used
        pha
        lda     spr_y
        cmp     #33             ; not over the status bar
        bcc     @hidden
        cmp     #240
        bcs     @hidden
        sec
        sbc     #1
        sta     OAM,y
        pla
        sta     OAM+1,y
        lda     spr_attr
        sta     OAM+2,y
        lda     spr_x
        sta     OAM+3,y
        iny
        iny
        iny
        iny
        sty     oam_pos
@full:  rts
@hidden:
        pla
        rts

; hide_rest: the sprites that were not used
hide_rest:
        ldy     oam_pos
        hide_other_sprites
        rts

; pose: the fox's picture
pose:
        ldx     #F_HURT
        lda     state
        cmp     #ST_LOST
        beq     @set
        cmp     #ST_OVER
        beq     @set
        cmp     #ST_READY
        beq     @stand
        lda     on_ground
        bne     @ground
        ldx     #F_JUMP
        lda     hero_vy+1
        bmi     @set
        ldx     #F_FALL
        bne     @set
@ground:
        lda     hero_vx+1
        bne     @walks
        lda     hero_vx
        cmp     #$18
        bcc     @stand
@walks: lda     walk
        lsr     a
        lsr     a
        lsr     a
        jmp     leg
@stand: ldx     #F_STAND
        lda     frames
        and     #$7F
        cmp     #7
        bcs     @set
        ldx     #F_BLINK
@set:   stx     hero_frame
        rts

; leg: the running picture A
leg:    and     #3
        tax
        lda     legs,x
        sta     hero_frame
        rts
legs:   .byte   F_RUN0, F_RUN1, F_RUN2, F_RUN1

; draw_fox
draw_fox:
        lda     hero_frame
        asl     a
        asl     a
        asl     a
        tax
        lda     hero_y
        sta     spr_y
        lda     facing
        sta     spr_attr
        lda     #3
        sta     t0
@row:   lda     hero_x
        sec
        sbc     camera
        sta     spr_x
        lda     facing
        bne     @mirror
        lda     fox_tiles,x
        jsr     put_sprite
        jsr     @right
        lda     fox_tiles+1,x
        jsr     put_sprite
        jmp     @next
@mirror:
        lda     fox_tiles+1,x
        jsr     put_sprite
        jsr     @right
        lda     fox_tiles,x
        jsr     put_sprite
@next:  inx
        inx
        lda     spr_y
        clc
        adc     #8
        sta     spr_y
        dec     t0
        bne     @row
        rts
@right: lda     spr_x
        clc
        adc     #8
        sta     spr_x
        rts

; draw_enemies
draw_enemies:
        ldx     #ENEMIES-1
@enemy: stx     slot
        lda     en_kind,x
        beq     @next
        jsr     on_screen
        jsr     @draw
@next:  ldx     slot
        dex
        bpl     @enemy
        rts
@draw:  ldy     en_kind,x
        lda     enemy_tile-1,y
        sta     t2
        tya
        sta     spr_attr
        lda     en_flat,x
        beq     @moves
        lda     #8
        bne     @frame
@moves: cpy     #ENEMY_TOAD
        bne     @legs
        lda     en_time,x
        bne     @first
        lda     #4
        bne     @frame
@first: lda     #0
        beq     @frame
@legs:  lda     frames
        cpy     #ENEMY_BEE
        beq     :+
        lsr     a
        lsr     a
:       lsr     a
        and     #1
        asl     a
        asl     a
@frame: clc
        adc     t2
        sta     t2
        lda     en_y,x
        sta     spr_y
        ldy     en_dir,x
        beq     @rows
        lda     spr_attr
        ora     #$40
        sta     spr_attr
        inc     t2
@rows:  jsr     @two
        lda     spr_y
        clc
        adc     #8
        sta     spr_y
        jsr     step_back
@two:   lda     t1              ; the left half
        bne     :+
        lda     t0
        sta     spr_x
        lda     t2
        jsr     put_sprite
:       jsr     step_tile
        lda     t0
        clc
        adc     #8
        sta     spr_x
        lda     t1
        adc     #0
        bne     :+
        lda     t2
        jmp     put_sprite
:       rts
; the next tile of a row, which is the one before when mirrored
step_tile:
        bit     spr_attr
        bvs     :+
        inc     t2
        rts
:       dec     t2
        rts
; from the end of the first row to the second
step_back:
        bit     spr_attr
        bvs     :+
        inc     t2
        rts
:       lda     t2
        clc
        adc     #3
        sta     t2
        rts

enemy_tile:     .byte   T_BEETLE, T_TOAD, T_BEE

; move_parts: coins that jump, stars, puffs
move_parts:
        ldx     #PARTS-1
@part:  lda     part_life,x
        bne     :+
        jmp     @next
:       dec     part_life,x
        lda     part_y,x
        clc
        adc     part_v,x
        sta     part_y,x
        sta     spr_y
        lda     part_u,x
        beq     @place
        bmi     @left
        inc     part_xl,x
        bne     @place
        inc     part_xh,x
        bne     @place
@left:  lda     part_xl,x
        bne     :+
        dec     part_xh,x
:       dec     part_xl,x
@place: lda     part_life,x
        and     #3
        bne     :+
        inc     part_v,x        ; weight
:       lda     part_xl,x
        sec
        sbc     camera
        sta     spr_x
        lda     part_xh,x
        sbc     camera+1
        bne     @next
        lda     #3
        sta     spr_attr
        lda     part_tile,x
        cmp     #T_STAR
        beq     @star
        cmp     #T_PUFF
        beq     @puff
        lda     part_life,x     ; the coin turns
        lsr     a
        lsr     a
        and     #1
        clc
        adc     #T_COIN_POP
        bne     @put
@star:  lda     #0
        sta     part_v,x
        lda     part_life,x
        cmp     #5
        bcc     @third
        cmp     #10
        lda     #T_STAR
        bcs     @put
        lda     #T_STAR+1
        bne     @put
@third: lda     #T_STAR+2
        bne     @put
@puff:  lda     part_life,x
        cmp     #9
        lda     #T_PUFF
        bcs     @put
        lda     #T_PUFF+1
@put:   jsr     put_sprite
@next:  dex
        bmi     @done
        jmp     @part
@done:  rts

; sprite_text: letters at X (low), Y (high): line, then x and tile of each, 0
sprite_text:
        stx     ptr
        sty     ptr+1
        lda     #3
        sta     spr_attr
        ldy     #0
        lda     (ptr),y
        sta     spr_y
        ldx     #1
@letter:
        txa
        tay
        lda     (ptr),y
        beq     @done
        sta     spr_x
        iny
        lda     (ptr),y
        jsr     put_sprite
        inx
        inx
        bne     @letter
@done:  rts

; ===========================================================================
; the status bar
; ===========================================================================
draw_status:
        lda     dirty
        bne     :+
        rts
:
.if VERSION >= 1
        lda     vbuf_len        ; in the next frame, if a vblank has no time for more
        cmp     #60
        bcc     :+
        rts
:
.endif
        lsr     dirty
        bcc     @coins
        jsr     score_digits
        ldx     #5
@score: lda     digits,x
        ora     #$10
        sta     number,x
        dex
        bpl     @score
        lda     #6
        ldx     #$20
        ldy     #$42
        jsr     buffer_status
@coins: lsr     dirty
        bcc     @time
        lda     coins
        ldx     coins+1
        jsr     three_digits
        lda     #3
        ldx     #$20
        ldy     #$4A
        jsr     buffer_status
@time:  lsr     dirty
        bcc     @lives
        lda     time
        ldx     #0
        jsr     three_digits
        lda     #3
        ldx     #$20
        ldy     #STATUS_TIME
        jsr     buffer_status
@lives: lsr     dirty
.if VERSION >= 1
        bcc     @level
.else
        bcc     @done
.endif
        lda     lives
        ora     #$10
        sta     number
        lda     #1
        ldx     #$20
        ldy     #$5C
        jsr     buffer_status
.if VERSION >= 1
@level: lsr     dirty
        bcc     @done
        jsr     level_digits
        lda     #5
        ldx     #$20
        ldy     #$4F
        jsr     buffer_status
.endif
@done:  lda     #0
        sta     dirty
        rts

.if VERSION >= 1
STATUS_TIME     = $56
; buffer_status: as buffer_number, in the digits of the bar, which are lower
buffer_status:
        pha
        sty     t0
        tay
        dey
@digit: sty     t1
        lda     number,y
        tay
        lda     low_digits-$10,y
        ldy     t1
        sta     number,y
        dey
        bpl     @digit
        ldy     t0
        pla
        jmp     buffer_number
.else
STATUS_TIME     = $57
buffer_status   = buffer_number
.endif

; three_digits: number = the tiles of A + 256 * X (below 1000)
three_digits:
        sta     t0
        stx     t1
        ldy     #0
@place: ldx     #$10
@sub:   lda     t0
        sec
        sbc     ten_lo+2,y
        pha
        lda     t1
        sbc     #0
        bcc     @less
        sta     t1
        pla
        sta     t0
        inx
        bne     @sub
@less:  pla
        txa
        sta     number,y
        iny
        cpy     #2
        bne     @place
        lda     t0
        ora     #$10
        sta     number+2
        rts

; score_digits: digits = score in decimal
score_digits:
        lda     score
        sta     t0
        lda     score+1
        sta     t1
        lda     score+2
        sta     t2
        ldy     #0
@place: ldx     #0
@sub:   lda     t0
        sec
        sbc     power_lo,y
        sta     t3
        lda     t1
        sbc     power_mid,y
        sta     t4
        lda     t2
        sbc     power_hi,y
        bcc     @less
        sta     t2
        lda     t4
        sta     t1
        lda     t3
        sta     t0
        inx
        cpx     #9
        bne     @sub
@less:  txa
        sta     digits,y
        iny
        cpy     #5
        bne     @place
        lda     t0
        sta     digits+5
        rts

power_lo:       .byte   <100000, <10000, <1000, <100, <10
power_mid:      .byte   >(100000 & $FFFF), >10000, >1000, >100, >10
power_hi:       .byte   ^100000, 0, 0, 0, 0

; ===========================================================================
; the level
; ===========================================================================

; random: A = the next byte.  A shift register of 32 bits, moved on by 8; keeps X.
random:
        ldy     #8
        lda     seed
@bit:   asl     a
        rol     seed+1
        rol     seed+2
        rol     seed+3
        bcc     :+
        eor     #$C5
:       dey
        bne     @bit
        sta     seed
        rts

SEG_FLAT        = 0
SEG_START       = 1
SEG_PIT         = 2
SEG_STUMP       = 3
SEG_THISTLE     = 4
SEG_BLOCKS      = 5
SEG_COINS       = 6
SEG_BEETLE      = 7
SEG_TOAD        = 8
SEG_BEE         = 9
SEG_BRIDGE      = 10
SEG_SHELF       = 11
SEG_STAIRS      = 12
SEG_GOAL        = 13

seg_table:
        .word   seg_flat-1, seg_start-1, seg_pit-1, seg_stump-1, seg_thistle-1, seg_blocks-1, seg_coins-1
        .word   seg_beetle-1, seg_toad-1, seg_bee-1, seg_bridge-1, seg_shelf-1, seg_stairs-1, seg_goal-1

; length of a segment: at least, and a mask of what is added at random
seg_least:
        .byte   3, 12, 2, 2, 1, 3, 5, 6, 6, 6, 8, 5, 5, 250
seg_more:
        .byte   1, 0, 1, 0, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0

; what comes, with equal chances: on the first columns, and later
easy:   .byte   SEG_PIT, SEG_STUMP, SEG_THISTLE, SEG_BLOCKS, SEG_COINS, SEG_BEETLE, SEG_BEETLE, SEG_SHELF
        .byte   SEG_PIT, SEG_STUMP, SEG_COINS, SEG_BLOCKS, SEG_STAIRS, SEG_BEE, SEG_BEETLE, SEG_BLOCKS
hard:   .byte   SEG_PIT, SEG_PIT, SEG_STUMP, SEG_THISTLE, SEG_BLOCKS, SEG_BLOCKS, SEG_COINS, SEG_BEETLE
        .byte   SEG_BEETLE, SEG_TOAD, SEG_TOAD, SEG_BEE, SEG_BRIDGE, SEG_BRIDGE, SEG_SHELF, SEG_STAIRS
; on the title, where nothing may be in the way
scenes: .byte   SEG_BLOCKS, SEG_SHELF, SEG_FLAT, SEG_FLAT
; rows of the ground after a step
steps:  .byte   4, 5, 6, 5

; start_course: the generator at the beginning of level
start_course:
.if VERSION >= 1
        lda     level
        ldx     level+1
start_number:                   ; A, X: the level
        sta     seed
        stx     seed+1
.else
        lda     level
        sta     seed
        lda     level+1
        sta     seed+1
.endif
        lda     #$A7
        sta     seed+2
        lda     #$3D
        sta     seed+3
        ldx     #32             ; so that neighbouring numbers have nothing in common
@stir:  jsr     random
        dex
        bne     @stir
        lda     #6
        sta     ground
        sta     height_now
        lda     #SEG_START
        sta     seg
        lda     #0
        sta     seg_pos
        sta     same_height
        sta     seg_var
        lda     #12
        sta     seg_len
        lda     #$FF
        sta     gen_col
        sta     gen_col+1
        ; fall through

; next_column: generate the column after gen_col into next_col and height_next
next_column:
        ldx     #7
        lda     #M_EMPTY
@clear: sta     next_col,x
        dex
        bpl     @clear
        lda     seg_pos
        cmp     seg_len
        bne     @run
        jsr     choose
@run:   lda     ground
        sta     height_next
        lda     seg
        asl     a
        tax
        lda     seg_table+1,x
        pha
        lda     seg_table,x
        pha
        ldx     seg_pos
        inc     seg_pos
        rts                     ; to the segment, with X = column in it

; choose: the next segment.  Flat ground and something else take turns.
choose:
        lda     #0
        sta     seg_pos
        lda     seg
        cmp     #SEG_FLAT
        beq     @other
        cmp     #SEG_START
        beq     @other
        ; flat ground; it may be one or two rows higher or lower, except behind gaps and blocks
        lda     #SEG_FLAT
        sta     seg
        jsr     random
        sta     seg_var
        and     #3
        bne     @level
        lda     same_height
        bne     @level
        lda     title_mode
        bne     @level
        jsr     random
        and     #3
        tax
        lda     steps,x
        sta     ground
@level: lda     #0
        sta     same_height
        beq     @length
@other: lda     title_mode
        beq     @course
        jsr     random
        and     #3
        tax
        lda     scenes,x
        bpl     @take           ; always
@course:
        lda     #SEG_GOAL
        ldx     gen_col+1
        beq     :+
        inx                     ; $FF: before the first column
        bne     @take
:       ldx     gen_col
        cpx     course
        bcs     @take
        jsr     random
        and     #15
        tax
        lda     gen_col
        cmp     #56
        lda     easy,x
        bcc     @take
        lda     hard,x
@take:  sta     seg
        jsr     random
        sta     seg_var
@length:
        ldx     seg
        jsr     random
        and     seg_more,x
        clc
        adc     seg_least,x
        sta     seg_len
        rts

; put_above: piece A, Y rows above the ground
put_above:
        pha
        sty     t0
        lda     ground
        sec
        sbc     t0
        tay
        pla
        sta     next_col,y
        rts

; the segments: X is the column in them
seg_start:
        lda     #M_SIGN
        cpx     #8
        beq     on_top
        lda     #M_BUSH
        cpx     #2
        beq     on_top
        lda     #M_BUSH_R
        cpx     #3
        beq     on_top
        lda     #M_FLOWER
        cpx     #10
        beq     on_top
        rts
on_top: ldy     #1
        jmp     put_above

seg_flat:
        lda     seg_var
        lsr     a
        lsr     a
        and     #7
        tay
        beq     @bush
        dey
        beq     @flower
        dey
        beq     @fence
        dey
        beq     @tree
        dey
        beq     @coins
        dey
        beq     @flowers
        dey
        beq     @far
        rts
@far:   jmp     distant
@bush:  lda     #M_BUSH
        cpx     #0
        beq     on_top
        lda     #M_BUSH_R
        cpx     #1
        beq     on_top
        rts
@flower:
        cpx     #1
        bne     @none
@bloom: lda     #M_FLOWER
        bne     on_top
@flowers:
        txa
        lsr     a
        bcc     @bloom
@none:  rts
@fence: lda     #M_FENCE
        bne     on_top
@coins: lda     #M_COIN
        ldy     #2
        jmp     put_above
@tree:  cpx     #2
        bcs     @none
        lda     crown_top,x
        ldy     #3
        jsr     put_above
        lda     crown_low,x
        ldy     #2
        jsr     put_above
        lda     trunk,x
        bne     on_top
crown_top:      .byte   M_CROWN00, M_CROWN01
crown_low:      .byte   M_CROWN10, M_CROWN11
trunk:          .byte   M_TRUNK, M_TRUNK_R

seg_pit:
        lda     seg_var
        bpl     gap
        lda     #M_COIN
        ldy     #3
        jsr     put_above
gap:    lda     #M_BRAMBLES
        sta     next_col+7
        lda     #8
        sta     height_next
        lda     #1
        sta     same_height
        rts

seg_bridge:
        cpx     #2
        bcc     gap
        cpx     #6
        bcs     gap
        lda     #M_PLANKS
        ldy     #0
        jsr     put_above
        lda     seg_var
        bpl     gap
        lda     #M_COIN
        ldy     #2
        jsr     put_above
        jmp     gap

seg_stump:
        lda     stump_top,x
        ldy     #1
        bit     seg_var
        bpl     @top
        lda     stump_low,x
        jsr     put_above
        lda     stump_top,x
        ldy     #2
@top:   jmp     put_above
stump_top:      .byte   M_STUMP_TOP, M_STUMP_TOP_R
stump_low:      .byte   M_STUMP, M_STUMP_R

seg_thistle:
        lda     #M_THISTLE
        jmp     on_top

seg_blocks:
        lda     #1              ; before a step there would be no way out below them
        sta     same_height
        lda     seg_var
        and     bits,x
        beq     :+
        lda     #M_BOX
        bne     @put
:       lda     #M_BRICK
@put:   ldy     #4
        jsr     put_above
        bit     seg_var
        bvc     @done
        lda     #M_COIN
        jmp     on_top
@done:  rts
bits:   .byte   1, 2, 4, 8, 16, 32

; distant: behind some open places stands a far tree
distant:
        bit     seg_var
        bvc     @none
        cpx     #2
        bcs     @none
        lda     far_top,x
        ldy     #3
        jsr     put_above
        lda     far_low,x
        ldy     #2
        jsr     put_above
        lda     far_trunk,x
        jmp     on_top
@none:  rts
far_top:        .byte   M_FAR00, M_FAR01
far_low:        .byte   M_FAR10, M_FAR11
far_trunk:      .byte   M_FAR_TRUNK, M_FAR_TRUNK_R

seg_coins:
        ldy     arc,x
        lda     #M_COIN
        jmp     put_above
arc:    .byte   2, 3, 4, 3, 2

seg_beetle:
        jsr     distant
        cpx     #4
        beq     @one
        cpx     #5
        bne     @none
        lda     seg_var
        bpl     @none
@one:   lda     #ENEMY_BEETLE
        ldy     #0
        jmp     spawn
@none:  rts

seg_toad:
        jsr     distant
        cpx     #4
        bne     @none
        lda     #ENEMY_TOAD
        ldy     #0
        jmp     spawn
@none:  rts

seg_bee:
        jsr     distant
        cpx     #4
        bne     @none
        lda     #ENEMY_BEE
        ldy     #16
        bit     seg_var
        bpl     :+
        ldy     #36
:       jmp     spawn
@none:  rts

seg_shelf:
        lda     #M_PLANKS
        ldy     #3
        jsr     put_above
        cpx     #0
        beq     @none
        cpx     #4
        beq     @none
        lda     #M_COIN
        ldy     #4
        jmp     put_above
@none:  rts

seg_stairs:
        ldy     stairs,x
@brick: lda     #M_BRICK
        sty     t1
        jsr     put_above
        ldy     t1
        dey
        bne     @brick
        rts
stairs: .byte   1, 2, 3, 2, 1

; the goal: a pole with a banner, then the fox's house
seg_goal:
        cpx     #3
        bne     @house
        lda     gen_col         ; where it stands: the column after gen_col
        clc
        adc     #1
        sta     goal_x
        lda     gen_col+1
        adc     #0
        asl     goal_x
        rol     a
        asl     goal_x
        rol     a
        asl     goal_x
        rol     a
        asl     goal_x
        rol     a
        sta     goal_x+1
        lda     #M_POLE
        ldy     #1
        jsr     put_above
        lda     #M_POLE
        ldy     #2
        jsr     put_above
        lda     #M_FLAG
        ldy     #3
        jsr     put_above
        lda     #M_POLE_TOP
        ldy     #4
        jmp     put_above
@house: cpx     #4
        bne     :+
        lda     #M_FLAG_R
        ldy     #3
        jmp     put_above
:       txa
        sec
        sbc     #7
        bcc     @none
        cmp     #3
        bcs     @after
        tax
        lda     house_low,x
        ldy     #1
        jsr     put_above
        lda     house_middle,x
        ldy     #2
        jsr     put_above
        lda     house_top,x
        ldy     #3
        jmp     put_above
@after: cmp     #3
        beq     @flower
        cmp     #4
        bne     @none
@flower:
        lda     #M_FLOWER
        jmp     on_top
@none:  rts
house_top:      .byte   M_HOUSE00, M_HOUSE01, M_HOUSE02
house_middle:   .byte   M_HOUSE10, M_HOUSE11, M_HOUSE12
house_low:      .byte   M_HOUSE20, M_HOUSE21, M_HOUSE22

; make_column: finish column gen_col, put it into map and vbuf, and generate the one after it
make_column:
        ldx     #7
@take:  lda     next_col,x
        sta     now_col,x
        dex
        bpl     @take
        lda     height_now
        sta     height
        lda     height_next
        sta     height_now
        lda     gen_col
        sta     col_lo
        jsr     next_column

        ; the pieces: what stands there, and below it the ground with its edges
        ldx     #7
@row:   cpx     height_now
        bcs     @solid
        lda     now_col,x
        jmp     @put
@solid: beq     @turf
        lda     #M_EARTH
        bne     @sides
@turf:  lda     #M_TURF
@sides: cpx     height          ; C clear: the column before is lower than this row
        bcs     @right
        adc     #1              ; ..._LEFT
        bne     @put
@right: cpx     height_next
        bcs     @put
        adc     #2              ; ..._RIGHT
@put:   sta     pieces_col,x
        dex
        bpl     @row

        ; into the map
        lda     col_lo
        asl     a
        asl     a
        asl     a
        tax
        ldy     #0
.if VERSION >= 1
        lda     preparing
        bne     @aside
.endif
@map:   lda     pieces_col,y
        sta     map,x
        inx
        iny
        cpy     #8
        bne     @map
.if VERSION >= 1
        beq     @mapped
@aside: lda     pieces_col,y
        sta     new_map,x
        inx
        iny
        cpy     #8
        bne     @aside
@mapped:
        lda     col_lo          ; from here on in the nametables
        clc
        adc     ring_new
        sta     col_lo
.endif

        ; the two columns of tiles
        lda     col_lo
        and     #16
        lsr     a
        lsr     a
        ora     #$21
        sta     t0
        lda     col_lo
        and     #15
        asl     a
        ora     #$C0
        sta     t1
        ldx     vbuf_len
        lda     #$80|16
        sta     vbuf,x
        sta     vbuf+19,x
        lda     t0
        sta     vbuf+1,x
        sta     vbuf+20,x
        lda     t1
        sta     vbuf+2,x
        ora     #1
        sta     vbuf+21,x
        lda     #0
        sta     t2
@tiles: ldy     t2
        lda     pieces_col,y
        tay
        lda     piece_tl,y
        sta     vbuf+3,x
        lda     piece_bl,y
        sta     vbuf+4,x
        lda     piece_tr,y
        sta     vbuf+22,x
        lda     piece_br,y
        sta     vbuf+23,x
        inx
        inx
        inc     t2
        lda     t2
        cmp     #8
        bne     @tiles
        txa
        clc
        adc     #38-16
        sta     vbuf_len

        ; five attribute bytes.  The first one's upper half belongs to the hills, or to the title's panel.
        lda     col_lo
        and     #31
        lsr     a
        sta     t2              ; column of attributes, 0 to 15
        lda     #$CC
        bcs     :+
        lda     #$33
:       sta     t3              ; the bits of this column
        lda     #$FF
        ldx     title_mode
        beq     :+
        lda     #0
:       sta     t4              ; palette of the row above
        ldy     #0
        sty     t1
@attr:  ldy     t1
        lda     pieces_col,y
        cpy     #8
        bcc     :+
        lda     #0
:       tay
        lda     piece_palette,y
        and     #$F0
        sta     t5
        lda     t4
        and     #$0F
        ora     t5
        and     t3
        sta     t5
        lda     t1              ; shadow: 16 bytes a row; t1 is 0, 2, 4, 6, 8
        asl     a
        asl     a
        asl     a
        ora     t2
        tay
        lda     t3
        eor     #$FF
        and     attrs,y
        ora     t5
        sta     attrs,y
        pha
        ldx     vbuf_len
        lda     #1
        sta     vbuf,x
        lda     t0
        and     #$04
        ora     #$23
        sta     vbuf+1,x
        lda     t1              ; $D8 + 4 * t1 + column
        asl     a
        asl     a
        clc
        adc     #$D8
        sta     vbuf+2,x
        lda     t2
        and     #7
        ora     vbuf+2,x
        sta     vbuf+2,x
        pla
        sta     vbuf+3,x
        txa
        clc
        adc     #4
        sta     vbuf_len
        ldy     t1              ; the row above the next one
        lda     pieces_col+1,y
        tay
        lda     piece_palette,y
        sta     t4
        lda     t1
        clc
        adc     #2
        sta     t1
        cmp     #10
        bne     @attr
        ldx     vbuf_len
        lda     #0
        sta     vbuf,x
        inc     gen_col
        bne     :+
        inc     gen_col+1
:       rts

; ===========================================================================
; sounds
; ===========================================================================
start_song:
        sta     song
        sec
        sbc     #1
        asl     a
        asl     a
        asl     a
        tax
        ldy     #0
@chan:  lda     tune_start,x
        sta     chan_ptr,y
        lda     tune_loop,x
        sta     chan_loop,y
        inx
        iny
        cpy     #8
        bne     @chan
        lda     #1
        ldx     #3
@now:   sta     chan_left,x
        dex
        bpl     @now
        lda     #$30
        sta     $4000
        sta     $4004
        sta     $400C
        lda     #0
        sta     $4008
        sta     $4001
        rts

; start_sfx: the sound at X (low), Y (high) on pulse 2
start_sfx:
        stx     sfx_ptr
        sty     sfx_ptr+1
        lda     #1
        sta     sfx_time
        rts

play_music:
        lda     song
        beq     @sfx
        ldx     #3
@chan:  dec     chan_left,x
        bne     @next
        jsr     next_note
@next:  dex
        bpl     @chan
@sfx:   lda     sfx_ptr+1
        beq     @done
        dec     sfx_time
        bne     @done
        ldy     #0
        lda     (sfx_ptr),y
        beq     @end
        sta     sfx_time
        iny
        lda     (sfx_ptr),y
        sta     $4004
        iny
        lda     (sfx_ptr),y
        sta     $4005
        iny
        lda     (sfx_ptr),y
        sta     $4006
        iny
        lda     (sfx_ptr),y
        sta     $4007
        lda     sfx_ptr
        clc
        adc     #5
        sta     sfx_ptr
        bcc     @done
        inc     sfx_ptr+1
        rts
@end:   sta     sfx_ptr+1
        lda     #$30
        sta     $4004
@done:  rts

; next_note: channel X goes on
next_note:
        txa
        asl     a
        tay
        lda     chan_ptr,y
        sta     ptr
        lda     chan_ptr+1,y
        sta     ptr+1
@read:  ldy     #0
        lda     (ptr),y
        inc     ptr
        bne     :+
        inc     ptr+1
:       cmp     #$FF
        beq     @end
        cmp     #$80
        bcc     @note
        and     #$7F
        sta     chan_len,x
        bne     @read
@end:   txa
        asl     a
        tay
        lda     chan_loop,y
        sta     ptr
        lda     chan_loop+1,y
        sta     ptr+1
        bne     @read
        lda     #$FF            ; the channel has ended; it asks again later
        sta     chan_left,x
        rts
@note:  sta     t0
        txa
        asl     a
        tay
        lda     ptr
        sta     chan_ptr,y
        lda     ptr+1
        sta     chan_ptr+1,y
        lda     chan_len,x
        sta     chan_left,x
        ldy     t0
        cpx     #0
        beq     @lead
        cpx     #1
        beq     @second
        cpx     #2
        beq     @bass
        lda     drum_volume,y
        sta     $400C
        lda     drum_period,y
        sta     $400E
        lda     drum_length,y
        sta     $400F
        rts
@lead:  tya
        beq     @quiet
        lda     #$86
        sta     $4000
        lda     note_lo,y
        sta     $4002
        lda     note_hi,y
        ora     #$08
        sta     $4003
        rts
@quiet: lda     #$30
        sta     $4000
        rts
@second:
        lda     sfx_ptr+1       ; a sound goes first
        bne     @done
        lda     #$30
        cpy     #0
        beq     :+
        lda     #$74
:       sta     $4004
        lda     #$08
        sta     $4005
        lda     note_lo,y
        sta     $4006
        lda     note_hi,y
        ora     #$08
        sta     $4007
@done:  rts
@bass:  tya
        beq     @done
        lda     #$30
        sta     $4008
        lda     note_lo,y
        sta     $400A
        lda     note_hi,y
        ora     #$08
        sta     $400B
        rts

; rest, kick, snare, hat
drum_volume:    .byte   $30, $01, $02, $13
drum_period:    .byte   $00, $0D, $06, $02
drum_length:    .byte   $08, $08, $08, $18

; sounds: frames, volume, sweep, period
sfx_jump:       .byte   12, $84, $9B, $40, $09, 0
sfx_coin:       .byte   5, $98, $08, $70, $08, 14, $83, $08, $54, $08, 0
sfx_bump:       .byte   6, $42, $8B, $80, $0B, 0
sfx_stomp:      .byte   5, $86, $84, $80, $0A, 7, $82, $8C, $40, $09, 0

.segment "RODATA"

; ===========================================================================
; colours and texts
; ===========================================================================

; by theme: sky and bar, ground, things, hills and thistles
theme_colours:
        .byte   $21, $0F, $31, $30,  $21, $07, $17, $2A,  $21, $07, $27, $38,  $21, $13, $23, $33
.if VERSION >= 1
        .byte   $36, $0F, $38, $30,  $36, $07, $17, $28,  $36, $0F, $28, $38,  $36, $03, $13, $23
.else
        .byte   $36, $0F, $38, $30,  $36, $07, $17, $28,  $36, $07, $26, $37,  $36, $03, $13, $23
.endif
        .byte   $0C, $0F, $1C, $30,  $0C, $0F, $08, $1A,  $0C, $0F, $27, $38,  $0C, $0F, $13, $23
        .byte   $31, $0F, $21, $30,  $31, $07, $17, $30,  $31, $07, $27, $37,  $31, $12, $22, $32

; the fox; beetles; toads; bees, coins, letters
sprite_colours:
        .byte   $0F, $0F, $27, $37,  $0F, $0F, $16, $36,  $0F, $0F, $1A, $39,  $0F, $0F, $28, $30

; the title's letters are of palette 1, its flower of palette 3
title_attrs:
        .byte   $55, $55, $55, $55, $55, $55, $55, $55
        .byte   $55, $55, $55, $55, $55, $D5, $75, $55
        .byte   $05, $05, $05, $05, $05, $0D, $07, $05

.if VERSION >= 1
txt_status:     .byte   $20, $22, "SCORE    ", T_COIN+32, "   LEVEL  TIME  ", T_HEART+32, 0
.else
txt_status:     .byte   $20, $22, "SCORE   ", T_COIN+32, "    LEVEL  ", T_CLOCK+32, "TIME ", T_HEART+32, 0
.endif
.if VERSION >= 1
txt_bar:        .byte   27, $20, $22, "SCORE    ", T_COIN+32, "   LEVEL  TIME  ", T_HEART+32
txt_title_level:
                .byte   6, $21, $8B, "LEVEL "
.endif
txt_level:      .byte   $21, $8B, "LEVEL ", 0
txt_start:      .byte   11, $21, $6B, "PRESS START"
txt_start_off:  .byte   11, $21, $6B, "           "

.if VERSION >= 1
TEXT_Y          = 48            ; in the sky
GOAL_Y          = TEXT_Y
.else
TEXT_Y          = 104
GOAL_Y          = 64
.endif
txt_ready:      .byte   TEXT_Y, 104, T_R, 112, T_E, 120, T_A, 128, T_D, 136, T_Y, 144, T_MARK, 0
txt_goal:       .byte   GOAL_Y, 108, T_G, 116, T_O, 124, T_A, 132, T_L, 140, T_MARK, 0
txt_over:       .byte   TEXT_Y, 92, T_G, 100, T_A, 108, T_M, 116, T_E, 132, T_O, 140, T_V, 148, T_E, 156, T_R, 0

.include "tables.inc"
.include "music.inc"

.segment "VECTORS"
        .word   nmi, reset, irq
