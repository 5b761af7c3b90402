; ---------------------------------------------------------------------------
; MORTAR MOON - a brick-breaking game for the NES, made for nes-py.
;
; iNES, mapper 0, 32K PRG, 8K CHR.  Assembler: ca65 (see build.py).
;
; How it works
;   * The main loop makes one frame of the game, then spins on nmi_flag.
;   * The NMI copies the sprite page (OAM DMA) and a small list of background
;     writes (vbuf) in vblank, and then itself keeps the split: the status
;     bar stands still, and below it the field is scrolled by split_x.  So the
;     picture holds even when the main loop misses a frame.
;   * Whole screens are drawn with rendering off.
;   * There is no random number anywhere: what happens depends on the frame
;     counter and the buttons only.
;
; VERSION (build.py): 0 bricks.nes, whose bytes never change; 1 bricks-v1.nes,
; which is quicker and has capsules to catch.
; ---------------------------------------------------------------------------

.setcpu "6502"
.include "ram.inc"
.include "shared.inc"

CTRL            = %10001000     ; NMI on, sprites from the second table
CTRL_OFF        = %00001000
MASK_ON         = %00011110

; the field, in pixels
FIELD_LEFT      = 16
FIELD_RIGHT     = 240
FIELD_TOP       = 40
BRICK_TOP       = 64
BRICK_ROWS      = 10
BRICK_COLS      = 14
PADDLE_Y        = 208
PADDLE_W        = 32
BALL            = 6             ; size of the ball
NET_Y           = 224           ; the net: saves one ball in each life
LOST_Y          = 232

.if VERSION >= 1
SERVE_TIME      = 90            ; frames until the ball starts by itself
LOST_TIME       = 48
CLEAR_TIME      = 96
WIDE_W          = 48            ; width of the wide paddle
COMET_TIME      = 240           ; frames that balls go through bricks
CAPSULE_FIRST   = 2             ; a level's first capsule comes out of this brick,
CAPSULE_EVERY   = 4             ; and the others out of each of these;
DRY_TIME        = 80           ; after twice as many frames without a hit a brick lets go of one, too
.else
SERVE_TIME      = 120           ; frames until the ball starts by itself
LOST_TIME       = 72
CLEAR_TIME      = 120
.endif
SHAKE_TIME      = 24

; background tiles
T_BRICKS        = $04
T_STONE         = $10
T_LEFT          = $14
T_RIGHT         = $16
T_CEILING       = $18
T_CORNER_L      = $1A
T_CORNER_R      = $1B
T_SPACE         = $20
T_BAR           = $5C
T_NET           = $5D
T_LIFE          = $70
T_NO_LIFE       = $71

; sprite tiles
T_BALL          = $01
T_TRAIL         = $02           ; and the next
T_PADDLE        = $04           ; 4
.if VERSION >= 1
T_MIDDLE        = $0D           ; of the wide paddle
T_COMET         = $0E
T_TAIL          = $0F
T_CAPSULES      = $14           ; 2 for each kind
.endif

.segment "HEADER"
        .byte   "NES", $1A
        .byte   2               ; 2 x 16K PRG
        .byte   1               ; 1 x 8K CHR
        .byte   $01             ; mapper 0, nametables side by side
        .byte   0, 0, 0, 0, 0, 0, 0, 0, 0

.segment "TILES"
        .incbin "tiles.chr"

.segment "CODE"

; ===========================================================================
; start
; ===========================================================================
reset:
        quiet_console
        clear_console

        lda     #$0F
        sta     APUSTATUS
        jsr     fill_outside
        lda     #CTRL
        sta     PPUCTRL         ; from here on NMIs come; nmi_on is still 0
        jsr     go_title
        jmp     frame_done

; ===========================================================================
; the main loop: one turn is one frame
; ===========================================================================
main_loop:
        await_nmi

        jsr     read_pad
        lda     #4              ; sprite 0 stays for the split
        sta     oam_pos
        jsr     run_state
        jsr     move_fades
        jsr     move_shake
        jsr     draw_sprites
        jsr     draw_status
frame_done:
        finish_frame
        jmp     main_loop

run_state:
        go_to_state

state_lo:
        .byte   <(run_title-1), <(run_serve-1), <(run_play-1)
        .byte   <(run_lost-1), <(run_over-1), <(run_clear-1)
state_hi:
        .byte   >(run_title-1), >(run_serve-1), >(run_play-1)
        .byte   >(run_lost-1), >(run_over-1), >(run_clear-1)

; read_pad: pad = buttons held, pad_new = buttons pressed since last time
read_pad:
        read_first_pad
        rts

; ===========================================================================
; NMI
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
        ldx     #0
        copy_vbuf
        ; the field's scroll belongs to this sprite page, so take it now
        lda     next_scroll
        sta     split_x
        asl     a               ; negative: start in the right nametable
        lda     #0
        rol     a
        ora     #CTRL
        sta     split_ctrl

@show:  bit     PPUSTATUS
        lda     #0
        sta     PPUSCROLL
        sta     PPUSCROLL
        lda     #CTRL
        sta     PPUCTRL
        lda     ppu_mask
        sta     PPUMASK

        ; the split: the bar is drawn, then the field below it scrolls.  split_on says that sprite zero and the
        ; line under it are on the screen, so both waits end.
        lda     split_on
        beq     @count
@fall:  bit     PPUSTATUS       ; last frame's hit lasts until vblank ends
        bvs     @fall
@rise:  bit     PPUSTATUS
        bvc     @rise
        ldx     #20             ; on to the plain lines below the bar
@delay: dex
        bne     @delay
        lda     split_x
        sta     PPUSCROLL
        lda     #0
        sta     PPUSCROLL
        lda     split_ctrl
        sta     PPUCTRL

@count: leave_nmi
irq:    rti

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
@done:  lda     #0
        sta     nmi_on
        sta     vbuf
        sta     vbuf_len
        sta     next_scroll
        sta     shake
        sta     dirty
        ldx     #PARTS-1
@parts: sta     part_life,x
        dex
        bpl     @parts
        ldx     #FADES-1
@fades: sta     fade_time,x
        dex
        bpl     @fades
        hide_all_sprites
        rts

; set_addr: VRAM address from A (high) and X (low)
set_addr:
        set_vram_address
        rts

; print: text at ptr: high, low, characters, 0
print:
        begin_text
@char:  iny
        lda     (ptr),y
        beq     @done
        sta     PPUDATA
        bne     @char
@done:  rts

; fill_outside: the right nametable is stonework all over; only a few of its
; pixels come into view, when the field shakes
fill_outside:
        lda     #$24
        ldx     #0
        jsr     set_addr
        lda     #0
        sta     row
@row:   ldy     #16
        lda     row
        and     #1
        asl     a
        ora     #T_STONE
        tax
        lda     row
        cmp     #3
        beq     @line           ; the bar goes on here
@col:   stx     PPUDATA
        inx
        stx     PPUDATA
        dex
        dey
        bne     @col
@done:  inc     row
        lda     row
        cmp     #30
        bne     @row
        lda     #0
        ldx     #64
@attr:  sta     PPUDATA
        dex
        bne     @attr
        rts
@line:  lda     #T_BAR
        ldx     #32
@bar:   sta     PPUDATA
        dex
        bne     @bar
        beq     @done

; clear_screen: the left nametable and its attributes
clear_screen:
        lda     #$20
        ldx     #0
        jsr     set_addr
        lda     #T_SPACE
        ldx     #240
@four:  sta     PPUDATA
        sta     PPUDATA
        sta     PPUDATA
        sta     PPUDATA
        dex
        bne     @four
        lda     #0
        ldx     #64
@attr:  sta     PPUDATA
        dex
        bne     @attr
        rts

; set_palettes: ptr -> dark colour, then three pairs of brick colours.
; Sprite palettes 1-3 are the same pairs, for the splinters.
set_palettes:
        lda     #$3F
        ldx     #0
        jsr     set_addr
        ldy     #0
        jsr     @base
        lda     #$10
        sta     PPUDATA
        lda     #$30
        sta     PPUDATA
        jsr     @pairs
        lda     #$0F
        sta     PPUDATA
        ldx     #0
@own:   lda     sprite_colours,x
        sta     PPUDATA
        inx
        cpx     #3
        bne     @own
@pairs: ldy     #1
        jsr     @pair
        jsr     @pair
@pair:  jsr     @base
        lda     (ptr),y
        sta     PPUDATA
        iny
        lda     (ptr),y
        sta     PPUDATA
        iny
        rts
@base:  lda     #$0F
        sta     PPUDATA
        sty     t0
        ldy     #0
        lda     (ptr),y
        sta     PPUDATA
        ldy     t0
        rts

sprite_colours:
        .byte   $30, $21, $16

; ---------------------------------------------------------------------------
; the title
; ---------------------------------------------------------------------------
go_title:
        jsr     screen_off
        lda     #ST_TITLE
        sta     state
        jsr     clear_screen
        lda     #<title_colours
        sta     ptr
        lda     #>title_colours
        sta     ptr+1
        jsr     set_palettes

        ; a sky of stars: a shift register with a fixed start scatters them
        lda     #$20
        ldx     #0
        jsr     set_addr
        lda     #$5D
        sta     t0
        lda     #$A3
        sta     t1
        ldy     #0              ; 3 x 256 cells
        lda     #3
        sta     row
@sky:   lda     t0
        ldx     #3
@shift: asl     a
        rol     t1
        bcc     :+
        eor     #$2D
:       dex
        bne     @shift
        sta     t0
        ldx     #T_SPACE
        and     #$0F
        bne     @dark
        lda     t1
        and     #3
        tax
        lda     sky_tiles,x
        tax
@dark:  stx     PPUDATA
        iny
        bne     @sky
        dec     row
        bne     @sky

        ; the big letters: 6 in the upper word, 4 in the lower
        ldx     #0
@word:  lda     word_hi,x
        sta     t2
        lda     word_lo,x
        sta     t3
        stx     stripe
        lda     #0
        sta     row
@line:  lda     t2
        ldx     t3
        jsr     set_addr
        ldx     stripe
        ldy     word_at,x
@letter:
        lda     letters,y
        bmi     @eol
        tax
        lda     letter_tile,x
        clc
        adc     row
        ldx     #3
@part:  sta     PPUDATA
        clc
        adc     #1
        dex
        bne     @part
        iny
        bne     @letter
@eol:   jsr     next_line
        lda     row
        clc
        adc     #3
        sta     row
        cmp     #12
        bne     @line
        ldx     stripe
        inx
        cpx     #2
        bne     @word

        ; the moon
        lda     #$21
        sta     t2
        lda     #$75
        sta     t3
        lda     #$D0
        sta     t0
@moon:  lda     t2
        ldx     t3
        jsr     set_addr
        ldy     #4
@disc:  lda     t0
        sta     PPUDATA
        inc     t0
        dey
        bne     @disc
        jsr     next_line
        lda     t0
        cmp     #$E0
        bne     @moon

        ; four courses of bricks at the foot
        lda     #$23
        ldx     #$40
        jsr     set_addr
        lda     #0
        sta     row
@course:
        ldy     #16
        lda     row
        lsr     a
        bcs     @odd
@even:  lda     #T_BRICKS
        sta     PPUDATA
        lda     #T_BRICKS+1
        sta     PPUDATA
        dey
        bne     @even
        beq     @endc
@odd:   lda     #T_BRICKS+3
        sta     PPUDATA
        lda     #T_BRICKS+2
        sta     PPUDATA
        dey
        bne     @odd
@endc:  inc     row
        lda     row
        cmp     #4
        bne     @course

        lda     #$23
        ldx     #$C0
        jsr     set_addr
        ldx     #0
@attr:  lda     title_attrs,x
        sta     PPUDATA
        inx
        cpx     #64
        bne     @attr

        print_at txt_best
        ldx     #0
@best:  lda     best,x
        ora     #'0'
        sta     PPUDATA
        inx
        cpx     #6
        bne     @best
        lda     #T_SPACE
        sta     PPUDATA

        lda     #0
        sta     timer
        lda     #MASK_ON
        sta     ppu_mask
        jmp     silence

; next_line: t2, t3 (high, low) to the next line of the nametable
next_line:
        lda     t3
        clc
        adc     #32
        sta     t3
        bcc     :+
        inc     t2
:       rts

run_title:
        lda     pad_new
        and     #BTN_START
        beq     @stay
        jmp     new_game
@stay:  lda     timer           ; PRESS START blinks
        and     #$1F
        bne     @stars
        lda     timer
        and     #$20
        bne     @off
        ldx     #<txt_start
        ldy     #>txt_start
        bne     @put
@off:   ldx     #<txt_start_off
        ldy     #>txt_start_off
@put:   jsr     buffer_text
@stars: inc     timer
        ldx     #0              ; twinkling stars
@star:  lda     star_x,x
        sta     spr_x
        lda     star_y,x
        sta     spr_y
        lda     #$20
        sta     spr_attr
        txa
        asl     a
        asl     a
        asl     a
        adc     timer
        lsr     a
        lsr     a
        lsr     a
        and     #7
        tay
        stx     t0
        lda     twinkle,y
        jsr     put_sprite
        ldx     t0
        inx
        cpx     #STARS
        bne     @star
        rts

twinkle:
        .byte   $10, $10, $11, $12, $11, $10, $00, $00

; ---------------------------------------------------------------------------
; a game, a level
; ---------------------------------------------------------------------------
new_game:
        lda     #3
        sta     lives
        lda     #1
        sta     level
        lda     #0
        ldx     #5
@zero:  sta     score,x
        dex
        bpl     @zero
        sta     score_bin
        sta     score_bin+1
        sta     score_bin+2
.if VERSION >= 1
        sta     capsule_next
.endif
        ; fall through

go_level:
        jsr     screen_off
        ; which layout, and how fast: a step every two levels, up to 4
        lda     level
        sec
        sbc     #1
        and     #LAYOUTS-1
        sta     layout
        lda     level
        sec
        sbc     #1
        lsr     a
        cmp     #4
        bcc     :+
        lda     #4
:       sta     base_speed

        ; colours: 7 bytes a layout
        lda     layout
        asl     a
        asl     a
        asl     a
        sec
        sbc     layout
        clc
        adc     #<layout_colours
        sta     ptr
        lda     #>layout_colours
        adc     #0
        sta     ptr+1
        jsr     set_palettes
        ldx     layout
        lda     layout_back,x
        sta     back_tile

        jsr     load_bricks
        jsr     draw_field
        lda     #DIRTY_SCORE|DIRTY_LIVES|DIRTY_LEVEL
        sta     dirty
        jsr     draw_status     ; into the buffer, for the first vblank

        ; sprite 0: a line on the bright line of the bar, behind it
        lda     #26
        sta     OAM
        lda     #$0C
        sta     OAM+1
        lda     #$20
        sta     OAM+2
        lda     #120
        sta     OAM+3

        lda     #(FIELD_LEFT+FIELD_RIGHT-PADDLE_W)/2
        sta     paddle_x
.if VERSION >= 1
        lda     #CAPSULE_FIRST
        sta     capsule_count
.endif
        lda     #MASK_ON
        sta     ppu_mask
        sta     split_on
        ; fall through

; serve: the ball lies on the paddle
serve:
        lda     #ST_SERVE
        sta     state
        lda     #SERVE_TIME
        sta     timer
        lda     #0
        sta     rally
        sta     paddle_hits
        sta     bounces
        sta     combo
        sta     ball_xf
        sta     ball_yf
.if VERSION >= 1
        sta     capsule
        sta     comet
        sta     dry
        sta     more_on
        sta     more_on+1
        lda     #PADDLE_W
        sta     paddle_w
.endif
        jsr     set_speed
        lda     #1
        sta     net
        ldx     #<txt_net
        ldy     #>txt_net
        jsr     buffer_text
        jsr     ball_on_paddle
        jmp     reset_trail

; load_bricks: unpack the layout into bricks and count them; build attrs
load_bricks:
        ldx     #63
        lda     #0
@attr:  sta     attrs,x
        dex
        bpl     @attr
        ldx     #0
@none:  sta     bricks,x
        inx
        bne     @none
        sta     bricks_left
        lda     #$0F            ; the net's line is of palette 3
        ldx     #6
@net:   sta     attrs+56,x
        dex
        bne     @net
        lda     #$0C
        sta     attrs+56
        lda     #$03
        sta     attrs+63
        ldx     layout
        lda     layout_lo,x
        sta     ptr
        lda     layout_hi,x
        sta     ptr+1
        ldx     #0              ; cell
        ldy     #0              ; place in the layout (140 bytes)
@brick: lda     (ptr),y
        sta     bricks,x
        beq     @next
        inc     bricks_left
        jsr     brick_attr
@next:  iny
        inx
        txa
        and     #$0F
        cmp     #BRICK_COLS
        bne     @brick
        inx
        inx
        cpx     #BRICK_ROWS*16
        bne     @brick
        rts

; brick_attr: set the palette of cell X (kind in A); keeps X and Y
brick_attr:
        sty     t3
        stx     cell
        tay
        lda     kind_palette,y
        sta     t0
        txa                     ; block row: 4 + row/2, block column: 1 + column
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        clc
        adc     #4
        sta     t1
        txa
        and     #$0F
        clc
        adc     #1
        sta     t2
        ldx     t0              ; shift the palette by 4*(row odd)+2*(column odd)
        lda     t1
        and     #1
        asl     a
        sta     t0
        lda     t2
        and     #1
        ora     t0
        tay
        txa
@shift: dey
        bmi     @put
        asl     a
        asl     a
        jmp     @shift
@put:   sta     t0
        lda     t1
        lsr     a
        asl     a
        asl     a
        asl     a
        lsr     t2
        ora     t2
        tax
        lda     attrs,x
        ora     t0
        sta     attrs,x
        ldx     cell
        ldy     t3
        rts

; draw_field: the whole left nametable of a level
draw_field:
        jsr     clear_screen
        print_at txt_labels
        lda     #$20            ; the bar, on row 3
        ldx     #$60
        jsr     set_addr
        lda     #T_BAR
        ldx     #32
@bar:   sta     PPUDATA
        dex
        bne     @bar

        ; row 4: the ceiling
        lda     #T_STONE
        sta     PPUDATA
        lda     #T_CORNER_L
        sta     PPUDATA
        ldx     #14
@ceil:  lda     #T_CEILING
        sta     PPUDATA
        lda     #T_CEILING+1
        sta     PPUDATA
        dex
        bne     @ceil
        lda     #T_CORNER_R
        sta     PPUDATA
        lda     #T_STONE+1
        sta     PPUDATA

        ; rows 5-29: stone, edge, back, edge, stone
        lda     #5
        sta     row
@row:   lda     row
        and     #1
        asl     a
        sta     t0              ; 0 or 2: which line of a 2x2 pattern
        ora     #T_STONE
        sta     PPUDATA
        lda     row
        and     #1
        ora     #T_LEFT         ; edges are 1 wide: two tiles
        sta     PPUDATA
        lda     back_tile
        ora     t0
        tax
        ldy     #14
@back:  stx     PPUDATA
        inx
        stx     PPUDATA
        dex
        dey
        bne     @back
        lda     row
        and     #1
        ora     #T_RIGHT
        sta     PPUDATA
        lda     t0
        ora     #T_STONE+1
        sta     PPUDATA
        inc     row
        lda     row
        cmp     #30
        bne     @row

        ldx     #0
@attr:  lda     attrs,x
        sta     PPUDATA
        inx
        cpx     #64
        bne     @attr

        ; the bricks
        ldx     #0
@brick: lda     bricks,x
        beq     @none
        stx     cell
        jsr     cell_address
        lda     t1
        ldx     t0
        jsr     set_addr
        ldx     cell
        ldy     bricks,x
        lda     kind_tile,y
        sta     PPUDATA
        clc
        adc     #1
        sta     PPUDATA
@none:  inx
        cpx     #BRICK_ROWS*16
        bne     @brick
        rts

; cell_address: t1, t0 = VRAM address of brick "cell"
cell_address:
        lda     cell
        lsr     a
        lsr     a
        lsr     a
        lsr     a               ; row
        pha
        lsr     a
        lsr     a
        lsr     a
        clc
        adc     #$21            ; row 8 of the nametable is $2100
        sta     t1
        pla
        and     #7
        asl     a
        asl     a
        asl     a
        asl     a
        asl     a
        sta     t0
        lda     cell
        and     #$0F
        asl     a
        adc     #2              ; carry is clear
        adc     t0
        sta     t0
        rts

; ===========================================================================
; the background buffer
; ===========================================================================

; put_cell: queue two tiles at brick "cell": A and A + 1
put_cell:
        pha
        jsr     cell_address
        ldx     vbuf_len
        lda     #2
        sta     vbuf,x
        lda     t1
        sta     vbuf+1,x
        lda     t0
        sta     vbuf+2,x
        pla
        sta     vbuf+3,x
        clc
        adc     #1
        sta     vbuf+4,x
        lda     #0
        sta     vbuf+5,x
        txa
        clc
        adc     #5
        sta     vbuf_len
        rts

; put_back: queue the back pattern at brick "cell"
put_back:
        lda     cell
        lsr     a
        lsr     a
        lsr     a
        and     #2
        ora     back_tile
        jmp     put_cell

; buffer_text: queue the text at X, Y (low, high)
buffer_text:
        lda     #0
        beq     text_either
; erase_text: queue the back pattern in the place of the text at X, Y
erase_text:
        lda     #1
text_either:
        sta     t2
        stx     ptr
        sty     ptr+1
        ldy     #0
        lda     (ptr),y
        ldx     vbuf_len
        sta     vbuf+1,x
        iny
        lda     (ptr),y
        sta     vbuf+2,x
        sta     t1              ; low address byte: bit 0 column, bit 5 row
        stx     t0
        inx
        inx
        inx
@char:  iny
        lda     (ptr),y
        beq     @end
        lsr     t2
        bcc     @keep
        sec
        rol     t2
        lda     t1
        and     #$20            ; tile = back + 2 * (row odd) + (column odd)
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        ora     back_tile
        sta     t3
        lda     t1
        and     #1
        ora     t3
@keep:  sta     vbuf,x
        inc     t1
        inx
        bne     @char
@end:   lda     #0
        sta     vbuf,x
        stx     vbuf_len
        txa
        ldx     t0
        sec
        sbc     t0
        sbc     #3
        sta     vbuf,x
        rts

; draw_status: queue the parts of the status bar that changed, one record
; each, unless much is queued already (then in the next frame)
draw_status:
        lda     vbuf_len
        cmp     #36
        bcs     @done
        lsr     dirty
        bcc     @lives
        ldy     #0              ; the score
        ldx     #$48
        lda     #6
        jsr     @open
@digit: lda     score,y
        ora     #'0'
        sta     vbuf,x
        inx
        iny
        cpy     #6
        bne     @digit
        jsr     @close
@lives: lsr     dirty
        bcc     @level
        ldx     #$5B
        lda     #3
        jsr     @open
        ldy     #0
@life:  cpy     lives
        lda     #T_LIFE
        bcc     :+
        lda     #T_NO_LIFE
:       sta     vbuf,x
        inx
        iny
        cpy     #3
        bne     @life
        jsr     @close
@level: lsr     dirty
        bcc     @clean
        ldx     #$56
        lda     #2
        jsr     @open
        lda     level
        ldy     #'0'
        sec
@tens:  sbc     #10
        bcc     @ones
        iny
        bcs     @tens
@ones:  adc     #10+'0'
        pha
        tya
        sta     vbuf,x
        pla
        sta     vbuf+1,x
        inx
        inx
        jsr     @close
@clean: lda     #0
        sta     dirty
@done:  rts
@open:  stx     t0              ; A bytes at $20xx (X)
        ldx     vbuf_len
        sta     vbuf,x
        lda     #$20
        sta     vbuf+1,x
        lda     t0
        sta     vbuf+2,x
        inx
        inx
        inx
        rts
@close: lda     #0
        sta     vbuf,x
        stx     vbuf_len
        rts

; ===========================================================================
; states of a game
; ===========================================================================
run_serve:
        jsr     move_paddle
        jsr     ball_on_paddle
        jsr     reset_trail
        lda     timer
        cmp     #SERVE_TIME-1
        bne     :+
        ldx     #<txt_ready
        ldy     #>txt_ready
        jsr     buffer_text
:       lda     pad_new
        and     #BTN_A|BTN_B
        bne     @launch
        dec     timer
        bne     @wait
@launch:
        lda     #ST_PLAY
        sta     state
        lda     #1
        sta     ball_up
        lda     frames          ; the clock decides between four ways ...
        lsr     a
        and     #1
        sta     ball_left
        lda     frames
        lsr     a
        lsr     a
        and     #1
        sta     ball_angle
        lda     pad             ; ... unless left or right is held
        and     #BTN_LEFT|BTN_RIGHT
        beq     @go
        lsr     a
        and     #1
        sta     ball_left
@go:    ldx     #<txt_ready
        ldy     #>txt_ready
        jsr     erase_text
        jmp     sound_paddle
@wait:  rts

run_play:
        jsr     move_paddle
        jsr     push_trail
        jsr     move_ball
.if VERSION >= 1
        jsr     move_more_balls
        jsr     move_capsule
.endif
        lda     bricks_left
        bne     @on
        lda     #ST_CLEAR
        sta     state
        lda     #CLEAR_TIME
        sta     timer
        lda     #1              ; 500 for the level
        ldx     #3
        ldy     #5
        jsr     add_points
        rts
@on:    lda     ball_y
        cmp     #LOST_Y
        bcc     @done
.if VERSION >= 1
        jsr     take_another    ; C: there is another ball
        bcs     @done
.endif
        lda     #ST_LOST
        sta     state
        lda     #LOST_TIME
        sta     timer
        lda     #SHAKE_TIME
        sta     shake
        dec     lives
        lda     dirty
        ora     #DIRTY_LIVES
        sta     dirty
        jsr     burst_paddle
        jsr     sound_lost
@done:  rts

run_lost:
        dec     timer
        bne     @done
        lda     lives
        beq     @over
        lda     #(FIELD_LEFT+FIELD_RIGHT-PADDLE_W)/2
        sta     paddle_x
        jmp     serve
@over:  lda     #ST_OVER
        sta     state
        jsr     keep_best
        ldx     #<txt_over
        ldy     #>txt_over
        jsr     buffer_text
        ldx     #<txt_again
        ldy     #>txt_again
        jmp     buffer_text
@done:  rts

run_over:
        lda     pad_new
        and     #BTN_START
        beq     @done
        jmp     go_title
@done:  rts

run_clear:
        jsr     move_paddle
        lda     timer
        cmp     #CLEAR_TIME-2
        bne     :+
        ldx     #<txt_clear
        ldy     #>txt_clear
        jsr     buffer_text
:       lda     timer           ; a few notes
        and     #7
        bne     :+
        lda     timer
        lsr     a
        lsr     a
        lsr     a
        tax
        lda     clear_notes,x
        beq     :+
        jsr     tone
:       lda     timer           ; and the field sways
        lsr     a
        and     #$1F
        tax
        lda     sway,x
        sta     next_scroll
        dec     timer
        bne     @done
        lda     level
        cmp     #99
        bcs     :+
        inc     level
:       jmp     go_level
@done:  rts

; keep_best: best = the greater of best and score
keep_best:
        ldx     #0
@look:  lda     score,x
        cmp     best,x
        bcc     @done
        bne     @copy
        inx
        cpx     #6
        bne     @look
        rts
@copy:  ldx     #5
@all:   lda     score,x
        sta     best,x
        dex
        bpl     @all
@done:  rts

; ---------------------------------------------------------------------------
; the paddle and the ball
; ---------------------------------------------------------------------------
move_paddle:
        ldx     #3              ; pixels a frame; 5 while A or B is held
        lda     pad
        and     #BTN_A|BTN_B
        beq     :+
        ldx     #5
:       stx     t0
        lda     pad
        and     #BTN_LEFT
        beq     @right
        lda     paddle_x
        sec
        sbc     t0
        cmp     #FIELD_LEFT
        bcs     :+
        lda     #FIELD_LEFT
:       sta     paddle_x
@right: lda     pad
        and     #BTN_RIGHT
        beq     @done
        lda     paddle_x
        clc
        adc     t0
.if VERSION >= 1
        sta     paddle_x
        jmp     keep_paddle
@done:  rts
.else
        cmp     #FIELD_RIGHT-PADDLE_W+1
        bcc     :+
        lda     #FIELD_RIGHT-PADDLE_W
:       sta     paddle_x
@done:  rts
.endif

ball_on_paddle:
        lda     paddle_x
        clc
        adc     #(PADDLE_W-BALL)/2
        sta     ball_x
        lda     #PADDLE_Y-BALL
        sta     ball_y
        rts

reset_trail:
        ldx     #7
@all:   lda     ball_x
        sta     trail_x,x
        lda     ball_y
        sta     trail_y,x
        dex
        bpl     @all
        rts

push_trail:
        ldx     #6
@all:   lda     trail_x,x
        sta     trail_x+1,x
        lda     trail_y,x
        sta     trail_y+1,x
        dex
        bpl     @all
        lda     ball_x
        sta     trail_x
        lda     ball_y
        sta     trail_y
        rts

set_speed:
        lda     base_speed
        clc
        adc     rally
        sta     ball_speed
        rts

; count_bounce: after 8 bounces without a brick, turn to another angle, so
; that the ball never runs in a ring
count_bounce:
        inc     bounces
        lda     bounces
        cmp     #8
        bcc     @done
        lda     #0
        sta     bounces
        lda     frames
        and     #1
        sec
        adc     ball_angle      ; one or two steps on
        cmp     #5
        bcc     :+
        sbc     #5
:       sta     ball_angle
@done:  rts

; move_ball: first along x, then along y; each step is taken back when it
; runs into a brick, so the ball is never inside one
move_ball:
        lda     ball_speed
        asl     a
        asl     a
        adc     ball_speed
        adc     ball_angle
        tax
        lda     vx_lo,x
        sta     vel_xl
        lda     vx_hi,x
        sta     vel_xh
        lda     vy_lo,x
        sta     vel_yl
        lda     vy_hi,x
        sta     vel_yh

        ; --- x
        lda     ball_x
        sta     old_x
        lda     ball_xf
        sta     old_xf
        ldy     ball_left
        bne     @left
        clc
        adc     vel_xl
        sta     ball_xf
        lda     ball_x
        adc     vel_xh
        sta     ball_x
        cmp     #FIELD_RIGHT-BALL+1
        bcc     @xbricks
        lda     #FIELD_RIGHT-BALL
        bne     @xwall
@left:  sec
        sbc     vel_xl
        sta     ball_xf
        lda     ball_x
        sbc     vel_xh
        sta     ball_x
        cmp     #FIELD_LEFT
        bcs     @xbricks
        lda     #FIELD_LEFT
@xwall: sta     ball_x
        lda     #0
        sta     ball_xf
        jsr     turn_x
        jsr     count_bounce
        jsr     sound_wall
        jmp     @y

@xbricks:
        lda     ball_x          ; the leading side: middle, top, bottom
        ldy     ball_left
        bne     :+
        clc
        adc     #BALL-1
:       sta     pt_x
        lda     ball_y
        clc
        adc     #BALL/2
        sta     pt_y
        jsr     brick_at
        bne     @xhit
        lda     ball_y
        sta     pt_y
        jsr     brick_at
        bne     @xhit
        lda     ball_y
        clc
        adc     #BALL-1
        sta     pt_y
        jsr     brick_at
        beq     @y
@xhit:  jsr     hit_brick
.if VERSION >= 1
        lda     comet
        bne     @y
.endif
        lda     old_x
        sta     ball_x
        lda     old_xf
        sta     ball_xf
        jsr     turn_x

        ; --- y
@y:     lda     ball_y
        sta     old_y
        lda     ball_yf
        sta     old_yf
        ldy     ball_up
        bne     @up
        clc
        adc     vel_yl
        sta     ball_yf
        lda     ball_y
        adc     vel_yh
        sta     ball_y
        jsr     touch_paddle
        jsr     touch_net
        jmp     @ybricks
@up:    sec
        sbc     vel_yl
        sta     ball_yf
        lda     ball_y
        sbc     vel_yh
        sta     ball_y
        cmp     #FIELD_TOP
        bcs     @ybricks
        lda     #FIELD_TOP
        sta     ball_y
        lda     #0
        sta     ball_yf
        sta     ball_up
        jsr     count_bounce
        jmp     sound_wall

@ybricks:
        lda     ball_y
        ldy     ball_up
        bne     :+
        clc
        adc     #BALL-1
:       sta     pt_y
        lda     ball_x
        clc
        adc     #BALL/2
        sta     pt_x
        jsr     brick_at
        bne     @yhit
        lda     ball_x
        sta     pt_x
        jsr     brick_at
        bne     @yhit
        lda     ball_x
        clc
        adc     #BALL-1
        sta     pt_x
        jsr     brick_at
        beq     @done
@yhit:  jsr     hit_brick
.if VERSION >= 1
        lda     comet
        bne     @done
.endif
        lda     old_y
        sta     ball_y
        lda     old_yf
        sta     ball_yf
        lda     ball_up
        eor     #1
        sta     ball_up
@done:  rts

turn_x:
        lda     ball_left
        eor     #1
        sta     ball_left
        rts

; touch_paddle: the ball moves down; does it meet the paddle?
touch_paddle:
        lda     ball_y
        cmp     #PADDLE_Y-BALL
        bcc     @done
        cmp     #PADDLE_Y+2
        bcs     @done
        lda     ball_x          ; place on the paddle: 0-37 where they touch
        clc
        adc     #BALL-1
        sec
        sbc     paddle_x
        bcc     @done
.if VERSION >= 1
        tax
        sbc     #BALL-1         ; C is set
        bcc     :+
        cmp     paddle_w
        bcs     @done
:       lda     paddle_w
        cmp     #WIDE_W
        txa
        bcc     :+              ; 0-52 of the wide one
        lda     wide_place,x    ; 0-36
        clc
:
.else
        cmp     #PADDLE_W+BALL-1
        bcs     @done
.endif
        adc     #2              ; carry is clear; 2-38
        lsr     a
        lsr     a               ; zone 0-9
        tax
        lda     zone_left,x
        sta     ball_left
        lda     zone_angle,x
        sta     ball_angle
        lda     #1
        sta     ball_up
        lda     #PADDLE_Y-BALL
        sta     ball_y
        lda     #0
        sta     ball_yf
        sta     combo
        inc     paddle_hits     ; every 6 hits: faster, up to 3 steps
        lda     paddle_hits
        cmp     #6
        bcc     @same
        lda     #0
        sta     paddle_hits
        lda     rally
        cmp     #3
        bcs     @same
        inc     rally
        jsr     set_speed
@same:  jsr     count_bounce
        jsr     sound_paddle
@done:  rts

; touch_net: the ball moves down; it bounces off the net once
touch_net:
        lda     net
        beq     @done
        lda     ball_y
        cmp     #NET_Y-BALL
        bcc     @done
        lda     #NET_Y-BALL
        sta     ball_y
        lda     #1
        sta     ball_up
        lda     #0
        sta     ball_yf
        sta     net
        lda     #6
        sta     shake
        ldx     #<txt_net
        ldy     #>txt_net
        jsr     erase_text
        jmp     sound_wall
@done:  rts

.if VERSION >= 1
; ---------------------------------------------------------------------------
; capsules, and more balls
; ---------------------------------------------------------------------------

; drop_capsule: one comes out of brick "cell", if it is time for one
drop_capsule:
        dec     capsule_count
        bne     @done
        lda     capsule         ; one at a time: out of the next brick then
        beq     @free
        inc     capsule_count
@done:  rts
@free:  lda     #CAPSULE_EVERY
        sta     capsule_count
        ; fall through

; let_go: a capsule out of brick "cell"
let_go: lda     #0
        sta     dry
        ldx     capsule_next
        lda     capsule_order,x
        sta     capsule
        inx
        cpx     #CAPSULES
        bcc     :+
        ldx     #0
:       stx     capsule_next
        lda     cell
        and     #$0F
        asl     a
        asl     a
        asl     a
        asl     a
        adc     #FIELD_LEFT     ; carry is clear
        sta     capsule_x
        lda     cell
        and     #$F0
        lsr     a
        adc     #BRICK_TOP
        sta     capsule_y
        rts

capsule_order:
        .byte   CAPSULE_COMET, CAPSULE_BALLS, CAPSULE_WIDE, CAPSULE_COMET, CAPSULE_WIDE, CAPSULE_BALLS
CAPSULES        = * - capsule_order

; move_capsule: it falls, and the paddle may catch it
move_capsule:
        lda     comet
        beq     :+
        dec     comet
:       lda     frames
        lsr     a
        lda     capsule
        bne     @falls
        bcc     @done
        inc     dry
        lda     dry
        cmp     #DRY_TIME
        bcc     @done
        ldx     #0
@look:  lda     bricks,x
        bne     @from
        inx
        bne     @look
@from:  stx     cell
        jmp     let_go
@falls: lda     capsule_y       ; 1.5 pixels a frame
        adc     #1
        sta     capsule_y
        cmp     #LOST_Y
        bcs     @gone
        cmp     #PADDLE_Y-7
        bcc     @done
        cmp     #PADDLE_Y+6
        bcs     @done
        lda     capsule_x       ; its right end is right of the paddle's left end ...
        clc
        adc     #15
        cmp     paddle_x
        bcc     @done
        lda     paddle_x        ; ... and its left end left of the paddle's right end
        clc
        adc     paddle_w
        sbc     #0              ; less one: carry is clear
        cmp     capsule_x
        bcc     @done
        ldx     #4              ; 50 points
        ldy     #5
        lda     #0
        jsr     add_points
        jsr     sound_capsule
        ldx     capsule
        lda     #0
        sta     capsule
        dex
        beq     widen
        dex
        bne     split_ball
        lda     #COMET_TIME
        sta     comet
        rts
@gone:  lda     #0
        sta     capsule
@done:  rts

; widen: the wide paddle, on both sides
widen:
        lda     paddle_w
        cmp     #WIDE_W
        beq     keep_paddle
        lda     #WIDE_W
        sta     paddle_w
        lda     paddle_x
        sec
        sbc     #(WIDE_W-PADDLE_W)/2
        cmp     #FIELD_LEFT
        bcs     :+
        lda     #FIELD_LEFT
:       sta     paddle_x
        ; fall through

; keep_paddle: not beyond the field's right end
keep_paddle:
        lda     #FIELD_RIGHT
        sec
        sbc     paddle_w
        cmp     paddle_x
        bcs     :+
        sta     paddle_x
:       rts

; split_ball: two more where the ball is
split_ball:
        ldx     #1
@ball:  lda     more_on,x
        bne     @next
        inc     more_on,x
        lda     ball_x
        sta     more_x,x
        lda     ball_y
        sta     more_y,x
        lda     ball_xf
        sta     more_xf,x
        lda     ball_yf
        sta     more_yf,x
        lda     ball_up
        sta     more_up,x
        txa                     ; one to the other side, one at another angle
        eor     #1
        eor     ball_left
        sta     more_left,x
        ldy     ball_angle
        txa
        beq     :+
        lda     other_angle,y
        tay
:       sty     more_angle,x
@next:  dex
        bpl     @ball
        rts

other_angle:
        .byte   2, 3, 0, 1, 2

; move_more_balls: each takes the place of the ball while it moves
move_more_balls:
        ldx     #1
@ball:  lda     more_on,x
        beq     @next
        stx     slot
        jsr     swap_ball
        jsr     move_ball
        ldx     slot
        jsr     swap_ball
        lda     more_y,x
        cmp     #LOST_Y
        bcc     @next
        lda     #0
        sta     more_on,x
@next:  dex
        bpl     @ball
        rts

; take_another: the ball is lost; C: another one goes on in its place
take_another:
        ldx     #1
@ball:  lda     more_on,x
        bne     @take
        dex
        bpl     @ball
        clc
        rts
@take:  dec     more_on,x
        jsr     swap_ball
        jsr     reset_trail
        sec
        rts

; swap_ball: the ball and number X change places; keeps X
.macro swap_bytes one, other
        lda     one
        ldy     other,x
        sta     other,x
        sty     one
.endmacro
swap_ball:
        swap_bytes ball_x, more_x
        swap_bytes ball_y, more_y
        swap_bytes ball_xf, more_xf
        swap_bytes ball_yf, more_yf
        swap_bytes ball_left, more_left
        swap_bytes ball_up, more_up
        swap_bytes ball_angle, more_angle
        rts

; where 0-52 on the wide paddle is on the other, 0-36
wide_place:
        .repeat WIDE_W+BALL-1, i
        .byte   i*(PADDLE_W+BALL-1)/(WIDE_W+BALL-1)
        .endrepeat
.endif

zone_left:
        .byte   1, 1, 1, 1, 1, 0, 0, 0, 0, 0
zone_angle:
        .byte   4, 3, 2, 1, 0, 0, 1, 2, 3, 4

; brick_at: kind of the brick at pt_x, pt_y (0: none), cell = which
brick_at:
        lda     pt_y
        sec
        sbc     #BRICK_TOP
        bcc     @none
        cmp     #BRICK_ROWS*8
        bcs     @none
        asl     a               ; row * 16
        and     #$F0
        sta     cell
        lda     pt_x
        sec
        sbc     #FIELD_LEFT
        lsr     a
        lsr     a
        lsr     a
        lsr     a
        ora     cell
        sta     cell
        tax
        lda     bricks,x
        rts
@none:  lda     #0
        rts

; hit_brick: the ball hits brick "cell"
hit_brick:
        lda     #0
        sta     bounces
        ldx     cell
.if VERSION >= 1
        sta     dry
        lda     comet
        beq     :+
        lda     bricks,x
        cmp     #7
        bne     :+
        lda     #8              ; a hard one breaks at once
        sta     bricks,x
:
.endif
        ldy     bricks,x
        jsr     kind_points
        jsr     sound_brick
        lda     combo
        cmp     #7
        bcs     :+
        inc     combo
:       ldx     cell
        lda     bricks,x
        cmp     #7
        bne     @break
        lda     #8              ; hard: cracked only
        sta     bricks,x
        tay
        lda     #4
        sta     shake
        lda     kind_tile,y
        jmp     put_cell

@break: tay
        lda     #0
        sta     bricks,x
        dec     bricks_left
        lda     kind_palette,y
        sta     spr_attr
        lda     cell            ; its place on the screen
        and     #$0F
        asl     a
        asl     a
        asl     a
        asl     a
        adc     #FIELD_LEFT+4
        sta     spr_x
        lda     cell
        and     #$F0
        lsr     a
        adc     #BRICK_TOP
        sta     spr_y
        jsr     burst
        ; start wiping it out
        ldx     fade_next
        lda     fade_time,x
        beq     @free
        lda     cell            ; the slot is taken: finish that one first
        pha
        lda     fade_cell,x
        sta     cell
        jsr     put_back
        pla
        sta     cell
        ldx     fade_next
@free:  lda     cell
        sta     fade_cell,x
        lda     #1
        sta     fade_time,x
        inx
        txa
.if VERSION >= 1
        and     #FADES-1
        sta     fade_next
        jsr     drop_capsule
.else
        and     #3
        sta     fade_next
.endif
        lda     #T_BRICKS+8     ; a flash
        jmp     put_cell

; move_fades: flash, dust, back pattern
move_fades:
        ldx     #FADES-1
@slot:  lda     fade_time,x
        beq     @next
.if VERSION >= 1
        lda     vbuf_len        ; three balls break more than a vblank has time for
        cmp     #40
        bcs     @done
.endif
        inc     fade_time,x
        lda     fade_cell,x
        sta     cell
        lda     fade_time,x
        cmp     #5
        beq     @dust
        cmp     #9
        bne     @next
        lda     #0
        sta     fade_time,x
        stx     t3
        jsr     put_back
        ldx     t3
        jmp     @next
@dust:  stx     t3
        lda     #T_BRICKS+10
        jsr     put_cell
        ldx     t3
@next:  dex
        bpl     @slot
@done:  rts

; kind_points: add the points for hitting a brick of kind Y
kind_points:
        lda     points_tens,y
        tay
        ldx     #4
        lda     #0
        ; fall through

; add_points: Y units at digit X of the score; A = 1: hundreds, 0: tens
add_points:
        pha
        sty     t0
        tya
        clc
        adc     score,x
@carry: cmp     #10
        bcc     @store
        sbc     #10
        sta     score,x
        dex
        bmi     @full
        lda     score,x
        adc     #0              ; carry is set by sbc
        jmp     @carry
@store: sta     score,x
        lda     dirty
        ora     #DIRTY_SCORE
        sta     dirty
        pla
        tax
        ldy     t0
@bin:   lda     score_bin
        clc
        adc     unit_lo,x
        sta     score_bin
        bcc     :+
        inc     score_bin+1
        bne     :+
        inc     score_bin+2
:       dey
        bne     @bin
        rts
@full:  pla                     ; beyond 999999: stay there
        ldx     #5
        lda     #9
@nine:  sta     score,x
        dex
        bpl     @nine
        lda     #$3F
        sta     score_bin
        lda     #$42
        sta     score_bin+1
        lda     #$0F
        sta     score_bin+2
        lda     dirty
        ora     #DIRTY_SCORE
        sta     dirty
        rts

unit_lo:
        .byte   10, 100

; ===========================================================================
; sprites
; ===========================================================================

; put_sprite: tile A at spr_x, spr_y with spr_attr; keeps X
put_sprite:
        ldy     oam_pos
        beq     @full           ; 64 are used
        sta     OAM+1,y
        lda     spr_y
        sec
        sbc     #1
        sta     OAM,y
        lda     spr_attr
        sta     OAM+2,y
        lda     spr_x
        sec
        sbc     next_scroll     ; sprites shake with the field
        sta     OAM+3,y
        iny
        iny
        iny
        iny
        sty     oam_pos
@full:  rts

draw_sprites:
        lda     state
        beq     @hide
        cmp     #ST_OVER
        beq     @parts
        cmp     #ST_LOST
        beq     @parts
        ; the ball
        lda     #0
        sta     spr_attr
        lda     state
        cmp     #ST_CLEAR
        beq     @paddle
        lda     ball_x
        sta     spr_x
        lda     ball_y
        sta     spr_y
.if VERSION >= 1
        jsr     put_ball
        ldx     #1
@more:  lda     more_on,x
        beq     :+
        lda     more_x,x
        sta     spr_x
        lda     more_y,x
        sta     spr_y
        jsr     put_ball
:       dex
        bpl     @more
.else
        lda     #T_BALL
        jsr     put_sprite
.endif
@paddle:
        lda     #PADDLE_Y
        sta     spr_y
        lda     paddle_x
        sta     spr_x
        ldx     #T_PADDLE
@piece: txa
        jsr     put_sprite
        lda     spr_x
        clc
        adc     #8
        sta     spr_x
        inx
.if VERSION >= 1
        cpx     #T_PADDLE+2
        bne     :+
        jsr     put_middle
:
.endif
        cpx     #T_PADDLE+4
        bne     @piece
        lda     state
        cmp     #ST_PLAY
        bne     @parts
.if VERSION >= 1
        jsr     put_capsule
.endif
        ; the trail
        lda     trail_x+2
        sta     spr_x
        lda     trail_y+2
        sta     spr_y
.if VERSION >= 1
        jsr     put_tail
.else
        lda     #T_TRAIL
        jsr     put_sprite
.endif
        lda     trail_x+5
        sta     spr_x
        lda     trail_y+5
        sta     spr_y
        lda     #T_TRAIL+1
        jsr     put_sprite
@parts: jsr     move_parts
@hide:  ldy     oam_pos         ; the rest is not seen
        hide_other_sprites
        rts

.if VERSION >= 1
; put_ball: a ball at spr_x, spr_y; keeps X
put_ball:
        lda     comet
        beq     :+
        cmp     #48             ; it flickers before it ends
        bcs     @comet
        and     #4
        beq     :+
@comet: lda     #T_COMET
        jmp     put_sprite
:       lda     #T_BALL
        jmp     put_sprite

; put_tail: the trail's first part
put_tail:
        lda     comet
        beq     :+
        lda     #T_TAIL
        jmp     put_sprite
:       lda     #T_TRAIL
        jmp     put_sprite

; put_middle: two more pieces of the wide paddle; keeps X
put_middle:
        lda     paddle_w
        cmp     #WIDE_W
        bne     @done
        jsr     @one
@one:   lda     #T_MIDDLE
        jsr     put_sprite
        lda     spr_x
        clc
        adc     #8
        sta     spr_x
@done:  rts

; put_capsule: the falling capsule
put_capsule:
        lda     capsule
        beq     @done
        lda     capsule_x
        sta     spr_x
        lda     capsule_y
        sta     spr_y
        lda     capsule
        asl     a
        adc     #T_CAPSULES-2   ; carry is clear
        tax
        jsr     put_sprite
        lda     spr_x
        clc
        adc     #8
        sta     spr_x
        inx
        txa
        jmp     put_sprite
@done:  rts
.endif

; burst: four splinters from spr_x, spr_y in palette spr_attr
burst:
        ldy     #3
@one:   ldx     part_next
        lda     #31
        sta     part_life,x
        lda     #0
        sta     part_xf,x
        sta     part_yf,x
        lda     spr_x
        clc
        adc     burst_dx,y
        sta     part_x,x
        lda     spr_y
        sta     part_y,x
        lda     burst_vxl,y
        sta     part_vxl,x
        lda     burst_vxh,y
        sta     part_vxh,x
        lda     burst_vyl,y
        sta     part_vyl,x
        lda     burst_vyh,y
        sta     part_vyh,x
        lda     spr_attr
        sta     part_attr,x
        inx
        txa
        and     #PARTS-1
        sta     part_next
        dey
        bpl     @one
        rts

; velocities -1.25, 1.25, -0.5, 0.5 / -1.5, -1.5, -2.25, -2.25
burst_dx:       .byte   <-4, 4, <-1, 1
burst_vxl:      .byte   $C0, $40, $80, $80
burst_vxh:      .byte   $FE, $01, $FF, $00
burst_vyl:      .byte   $80, $80, $C0, $C0
burst_vyh:      .byte   $FE, $FE, $FD, $FD

; burst_paddle: the paddle falls to pieces
burst_paddle:
        lda     #0
        sta     spr_attr
        lda     #PADDLE_Y
        sta     spr_y
        lda     paddle_x
        clc
        adc     #4
        sta     spr_x
        jsr     burst
        lda     paddle_x
        clc
        adc     #PADDLE_W-12
        sta     spr_x
        jmp     burst

; move_parts: move and show the splinters
move_parts:
        move_splinters $28, $08
        rts

; move_shake: the field's scroll while it shakes (not in ST_CLEAR, which sways)
move_shake:
        lda     state
        cmp     #ST_CLEAR
        beq     @done
        ldx     shake
        beq     @still
        dex
        stx     shake
        lda     shake_x,x
        sta     next_scroll
@done:  rts
@still: stx     next_scroll
        rts

; ===========================================================================
; sounds
; ===========================================================================
silence:
        lda     #$30
        sta     $4000
        sta     $4004
        sta     $400C
        lda     #$00
        sta     $4008
        rts

sound_wall:
        ldy     #$D5
        bne     short_tone
sound_paddle:
        lda     #$FD
        jmp     tone
sound_brick:
        ldx     combo
        lda     brick_notes,x
; tone: a bell on pulse 1, period A (low byte)
tone:
        ldx     #$82
        stx     $4000
        ldx     #$08
        stx     $4001
        sta     $4002
        lda     #$00
        sta     $4003
        rts
; short_tone: a tick on pulse 2, period Y
short_tone:
        lda     #$40
        sta     $4004
        lda     #$08
        sta     $4005
        sty     $4006
        lda     #$00
        sta     $4007
        rts
.if VERSION >= 1
sound_capsule:
        lda     #$86            ; a rising tone
        sta     $4004
        lda     #$AB
        sta     $4005
        lda     #$E0
        sta     $4006
        lda     #$01
        sta     $4007
        rts
.endif
sound_lost:
        lda     #$06            ; noise, and a falling tone
        sta     $400C
        lda     #$0C
        sta     $400E
        lda     #$00
        sta     $400F
        lda     #$86
        sta     $4004
        lda     #$A3            ; sweep: period grows
        sta     $4005
        lda     #$60
        sta     $4006
        lda     #$01
        sta     $4007
        rts

; ===========================================================================
; tables
; ===========================================================================
.segment "RODATA"

; by kind: 0 none, 1-3 plain, 4-6 bright, 7 hard, 8 cracked
kind_tile:      .byte   $00, $04, $04, $04, $06, $06, $06, $08, $0A
kind_palette:   .byte   0, 1, 2, 3, 1, 2, 3, 0, 0
points_tens:    .byte   0, 1, 1, 1, 2, 2, 2, 1, 5

shake_x:        ; read from the end to the start
        .byte   0, 1, <-1, 1, <-1, 1, <-1, 2, <-2, 2, <-2, 2
        .byte   <-2, 3, <-3, 3, <-3, 4, <-4, 4, <-4, 4, <-4, 4
sway:
        .byte   0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 3, 3, 2, 2, 1
        .byte   0, <-1, <-2, <-2, <-3, <-3, <-4, <-4
        .byte   <-4, <-4, <-4, <-3, <-3, <-2, <-2, <-1

brick_notes:    .byte   $A9, $96, $8E, $7E, $70, $64, $5E, $54
clear_notes:    ; by timer / 8, so read from the end
        .byte   0, 0, 0, 0, 0, 0, 0, $54, $64, $7E, $A9, $7E, $A9, $D5, $FD, 0

txt_labels:     .byte   $20, $42, "SCORE         LEVEL", 0
txt_ready:      .byte   $22, $8C, " READY! ", 0
txt_over:       .byte   $22, $8A, " GAME OVER ", 0
txt_again:      .byte   $22, $C9, " PRESS START ", 0
txt_clear:      .byte   $22, $89, " LEVEL CLEAR! ", 0
txt_start:      .byte   $22, $6A, "PRESS START", 0
txt_start_off:  .byte   $22, $6A, "           ", 0
txt_net:        .byte   $23, $82
        .repeat 28
        .byte   T_NET
        .endrepeat
        .byte   0
txt_best:       .byte   $22, $E9, " BEST  ", 0

; the title
title_colours:  .byte   $02,  $16, $27,  $1C, $2C,  $27, $38
sky_tiles:      .byte   $72, $73, $74, $72
word_hi:        .byte   $20, $21
word_lo:        .byte   $C7, $67
word_at:        .byte   0, 7
letters:        .byte   0, 1, 2, 3, 4, 2, $FF, 0, 1, 1, 5, $FF
letter_tile:    .byte   $80, $8C, $98, $A4, $B0, $BC
title_attrs:
        .byte   $00, $00, $00, $00, $00, $00, $00, $00
        .byte   $50, $50, $50, $50, $50, $50, $50, $50
        .byte   $A5, $A5, $A5, $A5, $A5, $F5, $F5, $A5
        .byte   $AA, $AA, $AA, $AA, $AA, $FF, $FF, $AA
        .byte   $00, $00, $00, $00, $00, $00, $00, $00
        .byte   $00, $00, $00, $00, $00, $00, $00, $00
        .byte   $50, $50, $50, $50, $50, $50, $50, $50
        .byte   $0A, $0A, $0A, $0A, $0A, $0A, $0A, $0A
STARS = 8
star_x:         .byte   20, 60, 228, 204, 28, 236, 120, 180
star_y:         .byte   60, 22, 40, 84, 130, 160, 168, 20

.include "levels.inc"
.include "angles.inc"

.segment "VECTORS"
        .word   nmi, reset, irq
