; ---------------------------------------------------------------------------
; EMBER AND RIME - a duel for two on the NES, made for nes-py.
;
; iNES, mapper 0, 32K PRG, 8K CHR.  Assembler: ca65 (see build.py).
;
; How it works
;   * The main loop makes one frame of the game, then spins on nmi_flag.
;   * The NMI copies the sprite page (OAM DMA) and a small list of background
;     writes (vbuf) in vblank.
;   * Whole screens are copied from ROM with rendering off.
;   * The computer plays by pressing buttons: it writes the second pad's byte,
;     and the rules do not know who wrote it.
;   * All chance comes from a shift register in RAM (seed), so a match is
;     decided by the seed and the buttons.
; ---------------------------------------------------------------------------

.setcpu "6502"
.include "ram.inc"
.include "shared.inc"

CTRL            = %10001000     ; NMI on, sprites from the second table
MASK_ON         = %00011110

; the court, in pixels; assets.py has the same numbers
COURT_LEFT      = 8
COURT_RIGHT     = 248
COURT_TOP       = 40
COURT_BOTTOM    = 232
MIDDLE_X        = 128
MIDDLE_Y        = 136
GOAL_TOP        = 88
GOAL_BOTTOM     = 184
BALL            = 6             ; size of the spark
BODY            = 16            ; size of a player
REACH           = 8             ; of the blade before the player

POINTS          = 7             ; win the match
SECONDS         = 90
SERVE_TIME      = 45
POINT_TIME      = 60
STRIKE_TIME     = 24
STRIKE_BLADE    = 14            ; the blade is out while strike is above it
SHAKE_TIME      = 16

; tiles
T_PIP           = $01
T_NO_PIP        = $02
T_EMBER         = $04
T_RIME          = $0C
T_BLADE         = $14
T_SPARK         = $16
T_TRAIL         = $18
T_SPLINTER      = $1A

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
        lda     #3
        sta     skill
        lda     #1
        sta     seed
        lda     #CTRL
        sta     PPUCTRL         ; from here on NMIs come; nmi_on is still 0
        jsr     go_title
        jmp     frame_done

; ===========================================================================
; the main loop: one turn is one frame
; ===========================================================================
main_loop:
        await_nmi

        jsr     read_pads
        lda     #4              ; sprite 0 stays out of sight
        sta     oam_pos
        jsr     run_state
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
        .byte   <(run_point-1), <(run_over-1)
state_hi:
        .byte   >(run_title-1), >(run_serve-1), >(run_play-1)
        .byte   >(run_point-1), >(run_over-1)

; read_pads: pad = buttons held, pad_new = buttons pressed since last time
read_pads:
        lda     pad
        sta     pad_old
        lda     pad+1
        sta     pad_old+1
        ldx     #1
        stx     JOY1
        dex
        stx     JOY1
        ldx     #8
@bit:   lda     JOY1
        and     #3              ; either port line
        cmp     #1
        rol     pad
        lda     JOY2
        and     #3
        cmp     #1
        rol     pad+1
        dex
        bne     @bit
        lda     mode            ; in a match against the computer the second
        bne     @new            ; controller is the computer's
        lda     state
        beq     @new
        cmp     #ST_OVER
        beq     @new
        jsr     think
        sta     pad+1
@new:   ldx     #1
@each:  lda     pad_old,x
        eor     #$FF
        and     pad,x
        sta     pad_new,x
        dex
        bpl     @each
        rts

; random: A = 8 new bits of the shift register; keeps X and Y
random: txa
        pha
        ldx     #8
        lda     seed
        ora     seed+1
        bne     :+
        inc     seed            ; 0 would stay for ever
:       lda     seed
@shift: asl     a
        rol     seed+1
        bcc     :+
        eor     #$2D            ; x^16 + x^5 + x^3 + x^2 + 1
:       dex
        bne     @shift
        sta     seed
        pla
        tax
        lda     seed
        rts

; ===========================================================================
; NMI
; ===========================================================================
nmi:
        enter_nmi
        beq     @count          ; a screen is being drawn: hands off
        lda     frame_ready
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

@show:  bit     PPUSTATUS
        lda     scroll
        sta     PPUSCROLL
        asl     a               ; negative: start in the right nametable
        lda     #0
        sta     PPUSCROLL
        rol     a
        ora     #CTRL
        sta     PPUCTRL
        lda     ppu_mask
        sta     PPUMASK

@count: leave_nmi
irq:    rti

; ===========================================================================
; whole screens (rendering off)
; ===========================================================================

; screen_off: blank the picture in the next vblank and keep the NMI away
screen_off:
        lda     #0
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
        sta     scroll
        sta     shake
        sta     dirty
        ldx     #PARTS-1
@parts: sta     part_life,x
        dex
        bpl     @parts
        hide_all_sprites
        rts

; copy_screen: screen X into both nametables, and the colours
copy_screen:
        stx     t1
        lda     #$20
        jsr     @table
        lda     #$24
        jsr     @table
        lda     #$3F
        ldx     #0
        jsr     set_addr
        ldx     #0
@col:   lda     colours,x
        sta     PPUDATA
        inx
        cpx     #32
        bne     @col
        rts
@table: ldx     #0
        jsr     set_addr
        ldx     t1
        lda     #<screens
        sta     ptr
        lda     screen_page,x
        sta     ptr+1
        ldx     #4
        ldy     #0
@byte:  lda     (ptr),y
        sta     PPUDATA
        iny
        bne     @byte
        inc     ptr+1
        dex
        bne     @byte
        rts

; set_addr: VRAM address from A (high) and X (low)
set_addr:
        set_vram_address
        rts

; ---------------------------------------------------------------------------
; the title
; ---------------------------------------------------------------------------
go_title:
        jsr     screen_off
        lda     #ST_TITLE
        sta     state
        sta     winner
        sta     timer
        ldx     #0
        jsr     copy_screen
        lda     #DIRTY_SKILL
        sta     dirty
        lda     #MASK_ON
        sta     ppu_mask
        jmp     silence

run_title:
        inc     timer
        lda     pad_new
        ora     pad_new+1
        sta     t0
        and     #BTN_START
        bne     new_match
        lda     t0
        and     #BTN_SELECT|BTN_UP|BTN_DOWN
        beq     :+
        lda     mode
        eor     #1
        sta     mode
        jsr     sound_wall
:       lda     t0
        and     #BTN_RIGHT
        beq     :+
        lda     skill
        cmp     #7
        beq     :+
        inc     skill
        jsr     sound_wall
:       lda     t0
        and     #BTN_LEFT
        beq     :+
        lda     skill
        beq     :+
        dec     skill
        jsr     sound_wall
:       lda     #DIRTY_SKILL
        sta     dirty
        rts

; ---------------------------------------------------------------------------
; a match, a serve
; ---------------------------------------------------------------------------
new_match:
        lda     frames          ; when Start was pressed is chance enough
        eor     seed
        sta     seed
        jsr     screen_off
        ldx     #1
        jsr     copy_screen
        lda     #0
        sta     score
        sta     score+1
        sta     winner
        lda     #SECONDS
        sta     clock
        lda     #60
        sta     clock_frames
        lda     #DIRTY_CLOCK|DIRTY_EMBER|DIRTY_RIME
        sta     dirty
        jsr     draw_status     ; into the buffer, for the first vblank
        jsr     silence
        lda     #2              ; the first serve: chance decides
        sta     server
        lda     #MASK_ON
        sta     ppu_mask
        ; fall through

serve:
        lda     #ST_SERVE
        sta     state
        lda     #SERVE_TIME
        sta     timer
        lda     #MIDDLE_X-BALL/2
        sta     ball_x
        lda     #MIDDLE_Y-BALL/2
        sta     ball_y
        lda     #32
        sta     player_x
        lda     #256-32-BODY
        sta     player_x+1
        lda     #MIDDLE_Y-BODY/2
        sta     player_y
        sta     player_y+1
        sta     bot_goal
        lda     #0
        sta     ball_xf
        sta     ball_yf
        sta     ball_speed
        sta     rally
        sta     strike
        sta     strike+1
        sta     flash
        lda     #1              ; as if the spark came from Ember: the
        sta     bot_saw_left    ; computer takes a look
        jmp     reset_trail

run_serve:
        jsr     move_players
        dec     timer
        bne     @wait
        lda     #ST_PLAY
        sta     state
        jsr     random
        and     #1
        sta     ball_up
        jsr     random
        and     #1
        ldx     server
        cpx     #2
        beq     :+
        txa
:       sta     ball_left
        jsr     random
        and     #3
        tax
        lda     serve_angles,x
        sta     ball_angle
        jsr     set_speed
        jsr     sound_wall
@wait:  rts

serve_angles:
        .byte   0, 1, 1, 2

run_play:
        jsr     move_players
        jsr     push_trail
        jsr     move_ball
        lda     state
        cmp     #ST_PLAY
        bne     @done
        ldx     #0
        jsr     touch
        ldx     #1
        jsr     touch
        ; the clock
        dec     clock_frames
        bne     @done
        lda     #60
        sta     clock_frames
        lda     dirty
        ora     #DIRTY_CLOCK
        sta     dirty
        dec     clock
        bne     @done
        jsr     decide          ; time is up
        lda     #ST_POINT
        sta     state
        lda     #POINT_TIME
        sta     timer
        lda     #2
        sta     scorer
        jmp     sound_point
@done:  rts

; decide: the winner by points
decide:
        ldx     #3
        lda     score
        cmp     score+1
        beq     :+
        ldx     #1
        bcs     :+
        inx
:       stx     winner
        rts

run_point:
        lda     strike
        beq     :+
        dec     strike
:       lda     strike+1
        beq     :+
        dec     strike+1
:       lda     timer           ; a few notes
        and     #7
        bne     :+
        lda     timer
        lsr     a
        lsr     a
        lsr     a
        tax
        lda     point_notes,x
        beq     :+
        jsr     tone
:       dec     timer
        bne     @done
        lda     winner
        bne     go_over
        jmp     serve
@done:  rts

; ---------------------------------------------------------------------------
; the end
; ---------------------------------------------------------------------------
go_over:
        jsr     screen_off
        lda     #ST_OVER
        sta     state
        ldx     winner
        inx
        jsr     copy_screen
        lda     #$21            ; the points: row 12, columns 13 and 17
        ldx     #$8D
        jsr     set_addr
        lda     score
        ora     #'0'
        sta     PPUDATA
        lda     #$21
        ldx     #$91
        jsr     set_addr
        lda     score+1
        ora     #'0'
        sta     PPUDATA
        lda     #0
        sta     timer
        lda     #15
        sta     tune
        lda     #MASK_ON
        sta     ppu_mask
        jmp     silence

run_over:
        inc     timer
        lda     timer
        and     #7
        bne     @sparks
        ldx     tune
        beq     @sparks
        dec     tune
        lda     end_notes-1,x
        beq     @sparks
        jsr     tone
@sparks:
        lda     winner
        cmp     #3
        beq     @press
        lda     timer           ; now and then fireworks for the winner
        and     #$1F
        bne     @press
        jsr     random
        and     #$7F
        adc     #64
        sta     spr_x
        jsr     random
        and     #$1F
        adc     #32
        sta     spr_y
        lda     winner
        sta     spr_attr        ; palette 1 Ember's, 2 Rime's
        jsr     burst
@press: lda     pad_new
        ora     pad_new+1
        and     #BTN_START
        beq     @done
        jmp     go_title
@done:  rts

; ===========================================================================
; players
; ===========================================================================
move_players:
        ldx     #1
@each:  lda     #2              ; pixels a frame; 1 while striking
        ldy     strike,x
        beq     :+
        dec     strike,x
        lda     #1
:       sta     t0
        lda     pad_new,x
        and     #BTN_A
        beq     @up
        lda     strike,x
        bne     @up
        lda     #STRIKE_TIME
        sta     strike,x
        jsr     sound_swing
@up:    lda     pad,x
        and     #BTN_UP
        beq     @down
        lda     player_y,x
        sec
        sbc     t0
        cmp     #COURT_TOP
        bcs     :+
        lda     #COURT_TOP
:       sta     player_y,x
@down:  lda     pad,x
        and     #BTN_DOWN
        beq     @left
        lda     player_y,x
        clc
        adc     t0
        cmp     #COURT_BOTTOM-BODY+1
        bcc     :+
        lda     #COURT_BOTTOM-BODY
:       sta     player_y,x
@left:  lda     pad,x
        and     #BTN_LEFT
        beq     @right
        lda     player_x,x
        sec
        sbc     t0
        cmp     least_x,x
        bcs     :+
        lda     least_x,x
:       sta     player_x,x
@right: lda     pad,x
        and     #BTN_RIGHT
        beq     @next
        lda     player_x,x
        clc
        adc     t0
        cmp     most_x,x
        bcc     :+
        lda     most_x,x
:       sta     player_x,x
@next:  dex
        bpl     @each
        rts

; each half of the court
least_x:        .byte   COURT_LEFT, MIDDLE_X
most_x:         .byte   MIDDLE_X-BODY, COURT_RIGHT-BODY

; touch: does the spark meet player X?  Only when it comes towards it.
touch:
        cpx     ball_left       ; Ember (0) is met by one that moves left (1)
        beq     @none
        lda     ball_y
        clc
        adc     #BALL-1
        sec
        sbc     player_y,x
        bcc     @none
        cmp     #BODY+BALL-1
        bcs     @none
        sta     t0              ; 0-20 from the player's top to its foot
        lda     strike,x        ; how far before the player's back counts
        ldy     #BODY+BALL-1
        cmp     #STRIKE_BLADE+1
        bcc     :+
        ldy     #BODY+BALL-1+REACH
:       sty     t1
        txa
        bne     @rime
        lda     ball_x
        clc
        adc     #BALL-1
        sec
        sbc     player_x
        jmp     @far
@none:  rts
@rime:  lda     player_x+1
        clc
        adc     #BODY-1
        sec
        sbc     ball_x
@far:   bcc     @none
        cmp     t1
        bcs     @none

        ; it does: away with it
        txa
        sta     ball_left       ; from Ember to the right, from Rime to the left
        ldy     t0
        lda     zone,y          ; 0 steep up .. 3 level .. 6 steep down
        tay
        lda     pad,x           ; aimed by a button
        and     #BTN_UP
        beq     :+
        cpy     #0
        beq     :+
        dey
:       lda     pad,x
        and     #BTN_DOWN
        beq     :+
        cpy     #6
        beq     :+
        iny
:       lda     zone_up,y
        sta     ball_up
        lda     zone_angle,y
        sta     ball_angle

        inc     rally           ; the longer a rally, the faster
        bne     :+
        dec     rally
:       lda     rally
        lsr     a
        lsr     a
        cmp     #5
        bcc     :+
        lda     #5
:       sta     ball_speed
        lda     #12
        sta     flash
        lda     strike,x
        cmp     #STRIKE_BLADE+1
        bcc     @soft
        inc     ball_speed      ; a strike: two steps faster
        inc     ball_speed
        jsr     player_burst
        jsr     sound_strike
        jmp     set_speed
@soft:  lda     touch_notes,x
        jsr     tone
        jmp     set_speed

zone:
        .repeat BODY+BALL-1, i
        .byte   i/3
        .endrepeat
zone_up:        .byte   1, 1, 1, 0, 0, 0, 0
zone_angle:     .byte   3, 2, 1, 0, 1, 2, 3

; player_burst: splinters before player X; keeps X
player_burst:
        lda     player_y,x
        clc
        adc     #4
        sta     spr_y
        lda     player_x,x
        cpx     #0
        bne     :+
        clc
        adc     #BODY-4
:       sta     spr_x
        stx     t2
        inx
        stx     spr_attr
        jsr     burst
        ldx     t2
        rts

; ===========================================================================
; the spark
; ===========================================================================

; set_speed: velocity from ball_speed and ball_angle
set_speed:
        lda     ball_speed
        asl     a
        asl     a
        ora     ball_angle
        tay
        lda     vx_lo,y
        sta     vel_xl
        lda     vx_hi,y
        sta     vel_xh
        lda     vy_lo,y
        sta     vel_yl
        lda     vy_hi,y
        sta     vel_yh
        rts

move_ball:
        lda     ball_up
        beq     @down
        lda     ball_yf
        sec
        sbc     vel_yl
        sta     ball_yf
        lda     ball_y
        sbc     vel_yh
        sta     ball_y
        cmp     #COURT_TOP
        bcs     @across
        lda     #COURT_TOP
        sta     ball_y
        lda     #0
        sta     ball_up
        jsr     sound_wall
        jmp     @across
@down:  lda     ball_yf
        clc
        adc     vel_yl
        sta     ball_yf
        lda     ball_y
        adc     vel_yh
        sta     ball_y
        cmp     #COURT_BOTTOM-BALL+1
        bcc     @across
        lda     #COURT_BOTTOM-BALL
        sta     ball_y
        lda     #1
        sta     ball_up
        jsr     sound_wall

@across:
        lda     ball_left
        beq     @right
        lda     ball_xf
        sec
        sbc     vel_xl
        sta     ball_xf
        lda     ball_x
        sbc     vel_xh
        sta     ball_x
        cmp     #COURT_LEFT
        bcs     @done
        ldx     #1              ; Rime's point, if it is the goal
        jsr     in_goal
        bcs     point
        lda     #COURT_LEFT
        bne     @bounce
@right: lda     ball_xf
        clc
        adc     vel_xl
        sta     ball_xf
        lda     ball_x
        adc     vel_xh
        sta     ball_x
        cmp     #COURT_RIGHT-BALL+1
        bcc     @done
        ldx     #0
        jsr     in_goal
        bcs     point
        lda     #COURT_RIGHT-BALL
@bounce:
        sta     ball_x
        lda     ball_left
        eor     #1
        sta     ball_left
        lda     ball_angle      ; a level one would come and go for ever:
        bne     :+              ; it turns towards the middle
        inc     ball_angle
        lda     ball_y
        cmp     #MIDDLE_Y
        lda     #0
        rol     a
        sta     ball_up
        jsr     set_speed
:       jmp     sound_wall
@done:  rts

; in_goal: carry set when the spark is at the height of the goals
in_goal:
        lda     ball_y
        cmp     #GOAL_TOP-BALL/2
        bcc     @no
        cmp     #GOAL_BOTTOM-BALL/2
        bcs     @no
        sec
        rts
@no:    clc
        rts

; point: player X has made a point
point:
        stx     scorer
        inc     score,x
        lda     #ST_POINT
        sta     state
        lda     #POINT_TIME
        sta     timer
        lda     #SHAKE_TIME
        sta     shake
        lda     dirty
        ora     #DIRTY_EMBER|DIRTY_RIME
        sta     dirty
        txa                     ; the next serve goes to the other one
        sta     server
        lda     ball_y
        sta     spr_y
        lda     goal_x,x
        sta     spr_x
        inx
        stx     spr_attr
        jsr     burst
        lda     spr_x
        eor     #4
        sta     spr_x
        jsr     burst
        jsr     burst_high
        ldx     scorer
        lda     score,x
        cmp     #POINTS
        bne     :+
        jsr     decide
:       jmp     sound_point

goal_x:         .byte   236, 8

; push_trail, reset_trail: former positions of the spark
push_trail:
        ldx     #6
@move:  lda     trail_x,x
        sta     trail_x+1,x
        lda     trail_y,x
        sta     trail_y+1,x
        dex
        bpl     @move
        lda     ball_x
        sta     trail_x
        lda     ball_y
        sta     trail_y
        rts
reset_trail:
        ldx     #7
@set:   lda     ball_x
        sta     trail_x,x
        lda     ball_y
        sta     trail_y,x
        dex
        bpl     @set
        rts

; ===========================================================================
; the computer: A = the buttons that it holds
; ===========================================================================
think:
        lda     state
        cmp     #ST_PLAY
        beq     @play
        lda     #0
        rts
@play:  lda     ball_left
        cmp     bot_saw_left
        beq     @seen
        sta     bot_saw_left
        cmp     #0
        bne     @seen
        ; the spark turned this way: how well is it judged this time?
        ldx     skill
        lda     bot_waits,x
        sta     bot_wait
        jsr     random
        and     bot_error_mask,x
        sec
        sbc     bot_error_half,x
        sta     bot_error
        jsr     random
        cmp     bot_strike_chance,x
        lda     #0
        rol     a
        eor     #1
        sta     bot_strikes
        jsr     random
        cmp     bot_foresight,x
        lda     #0
        rol     a
        eor     #1
        sta     bot_foresees
@seen:  ldx     skill
        lda     ball_left
        bne     @home
        lda     bot_wait
        beq     @look
        dec     bot_wait
        lda     #0
        rts

@home:  lda     #MIDDLE_Y-BODY/2
        sta     bot_goal
        bne     @press
@look:  lda     ball_y
        ldy     bot_foresees
        beq     :+
        jsr     foresee
:       sec                     ; the spark at the middle of the body
        sbc     #(BODY-BALL)/2
        clc
        adc     bot_error
        sta     bot_goal

@press: lda     #0
        sta     t0
        lda     frames          ; slow ones let go now and then
        and     #7
        cmp     bot_pace,x
        bcs     @strike
        lda     player_y+1
        sec
        sbc     bot_goal
        bcs     @below
        cmp     #<-2
        bcs     @column
        lda     #BTN_DOWN
        sta     t0
        bne     @column
@below: cmp     #3
        bcc     @column
        lda     #BTN_UP
        sta     t0
        ; back and forth: skilled ones come forward while the spark is away
@column:
        lda     player_x+1
        ldy     ball_left
        beq     @back
        cmp     bot_front,x
        bcc     @strike
        beq     @strike
        lda     t0
        ora     #BTN_LEFT
        sta     t0
        bne     @strike
@back:  cmp     #COURT_RIGHT-BODY-24
        bcs     @strike
        lda     t0
        ora     #BTN_RIGHT
        sta     t0

@strike:
        lda     ball_left
        bne     @done
        lda     bot_strikes
        beq     @done
        lda     player_x+1
        sec
        sbc     ball_x
        bcc     @done
        cmp     #28
        bcs     @done
        lda     t0
        ora     #BTN_A
        sta     t0
        lda     pad_old+1       ; let go first, to press again
        and     #BTN_A
        beq     @done
        lda     t0
        eor     #BTN_A
        sta     t0
@done:  lda     t0
        rts

; by skill: frames before it reacts; errors in pixels, from -half on; chances
; of 256 to strike and to foresee where the spark goes; of 8 frames those in
; which it moves; how far forward it comes
bot_waits:              .byte   30, 26, 22, 18, 15, 12, 9, 6
bot_error_mask:         .byte   31, 31, 31, 31, 15, 15, 15, 15
bot_error_half:         .byte   15, 15, 15, 15, 8, 8, 7, 7
bot_strike_chance:      .byte   0, 16, 48, 64, 96, 128, 176, 224
bot_foresight:          .byte   0, 40, 80, 116, 152, 184, 216, 255
bot_pace:               .byte   3, 4, 5, 5, 6, 6, 7, 8
bot_front:              .byte   208, 208, 208, 208, 208, 200, 192, 184

; foresee: A = where the spark will be when it comes to the computer's column;
; keeps X.  Steps of four frames are near enough.
foresee:
        txa
        pha
        lda     ball_x
        sta     look_x
        lda     ball_xf
        sta     look_xf
        lda     ball_y
        sta     look_y
        lda     ball_yf
        sta     look_yf
        lda     ball_up
        sta     look_up
        lda     vel_xl          ; t1, t0: four frames across
        asl     a
        sta     t0
        lda     vel_xh
        rol     a
        asl     t0
        rol     a
        sta     t1
        lda     vel_yl          ; t3, t2: four frames up or down
        asl     a
        sta     t2
        lda     vel_yh
        rol     a
        asl     t2
        rol     a
        sta     t3
        ldx     #28             ; no more than this (it crosses the court)
@step:  lda     look_x
        cmp     player_x+1
        bcs     @there
        lda     look_xf
        clc
        adc     t0
        sta     look_xf
        lda     look_x
        adc     t1
        sta     look_x
        bcs     @there
        lda     look_up
        beq     @down
        lda     look_yf
        sec
        sbc     t2
        sta     look_yf
        lda     look_y
        sbc     t3
        cmp     #COURT_TOP
        bcs     @next
        lda     #0
        sta     look_up
        lda     #COURT_TOP
        bne     @next
@down:  lda     look_yf
        clc
        adc     t2
        sta     look_yf
        lda     look_y
        adc     t3
        cmp     #COURT_BOTTOM-BALL+1
        bcc     @next
        lda     #1
        sta     look_up
        lda     #COURT_BOTTOM-BALL
@next:  sta     look_y
        dex
        bne     @step
@there: pla
        tax
        lda     look_y
        rts

; ===========================================================================
; the background buffer
; ===========================================================================

; draw_status: queue the parts of the screen that changed
draw_status:
        lda     state
        cmp     #ST_POINT
        bne     :+
        jsr     flash_wall
:       lsr     dirty
        bcc     @ember
        ldx     #$4F            ; the seconds
        lda     #2
        jsr     @open
        lda     clock
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
@ember: lsr     dirty
        bcc     @rime
        ldx     #$42
        lda     #POINTS
        jsr     @open
        ldy     #0
@pip:   cpy     score
        lda     #T_PIP
        bcc     :+
        lda     #T_NO_PIP
:       sta     vbuf,x
        inx
        iny
        cpy     #POINTS
        bne     @pip
        jsr     @close
@rime:  lsr     dirty
        bcc     @skill
        ldx     #$57
        lda     #POINTS
        jsr     @open
        ldy     #POINTS
@pip2:  lda     score+1         ; from right to left
        sty     t0
        cmp     t0
        lda     #T_PIP
        bcs     :+
        lda     #T_NO_PIP
:       sta     vbuf,x
        inx
        dey
        bne     @pip2
        jsr     @close
@skill: lsr     dirty
        bcc     @done
        lda     #1
        ldx     #$19            ; row 16, column 25
        ldy     #$22
        jsr     @at
        lda     skill
        clc
        adc     #'1'
        sta     vbuf,x
        inx
        jsr     @close
        lda     timer           ; PRESS START blinks
        and     #$1F
        bne     @done
        ldy     #$22
        ldx     #$AA
        lda     #11
        jsr     @at
        ldy     #0
@char:  lda     timer
        and     #$20
        beq     @on
        lda     #' '
        bne     :+
@on:    lda     txt_start,y
:       sta     vbuf,x
        inx
        iny
        cpy     #11
        bne     @char
        jsr     @close
@done:  lda     #0
        sta     dirty
        rts
@open:  ldy     #$20
@at:    stx     t0              ; A bytes at Y, X
        sty     t1
        ldx     vbuf_len
        sta     vbuf,x
        lda     t1
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

; flash_wall: after a point the beaten side's walls flicker
flash_wall:
        ldx     vbuf_len
        lda     #1
        sta     vbuf,x
        lda     #$3F
        sta     vbuf+1,x
        ldy     scorer
        lda     flash_at,y
        sta     vbuf+2,x
        lda     flash_off,y
        pha
        lda     timer
        and     #4
        beq     :+
        lda     timer
        cmp     #16
        bcc     :+
        pla
        lda     #$30
        pha
:       pla
        sta     vbuf+3,x
        lda     #0
        sta     vbuf+4,x
        txa
        clc
        adc     #4
        sta     vbuf_len
        rts

; the middle colours of Rime's walls, Ember's, and the text's
flash_at:       .byte   $0A, $06, $02
flash_off:      .byte   $11, $16, $10

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
        sta     OAM+3,y
        iny
        iny
        iny
        iny
        sty     oam_pos
@full:  rts

draw_sprites:
        ldx     state
        lda     draw_hi,x
        pha
        lda     draw_lo,x
        pha
        rts                     ; each ends with draw_rest
draw_lo:
        .byte   <(draw_title-1), <(draw_match-1), <(draw_match-1)
        .byte   <(draw_point-1), <(draw_over-1)
draw_hi:
        .byte   >(draw_title-1), >(draw_match-1), >(draw_match-1)
        .byte   >(draw_point-1), >(draw_over-1)

draw_title:
        ; both bob, and the spark flies between them
        lda     timer
        lsr     a
        lsr     a
        lsr     a
        and     #7
        tay
        lda     bob,y
        clc
        adc     #186
        sta     t3
        lda     #96
        sta     t2
        ldx     #0
        jsr     draw_body
        lda     timer
        clc
        adc     #32
        lsr     a
        lsr     a
        lsr     a
        and     #7
        tay
        lda     bob,y
        clc
        adc     #186
        sta     t3
        lda     #144
        sta     t2
        ldx     #1
        jsr     draw_body
        lda     #0
        sta     spr_attr
        ldx     mode            ; the cursor
        lda     cursor_y,x
        sta     spr_y
        lda     #53
        sta     spr_x
        jsr     spark_tile
        jsr     put_sprite
        ; there and back in 64 frames, in a flat arc
        lda     timer
        and     #$3F
        cmp     #$20
        bcc     :+
        eor     #$3F
:       sta     t0
        clc
        adc     #112
        sta     spr_x
        lda     t0
        lsr     a
        tay
        lda     #190
        sec
        sbc     arc,y
        sta     spr_y
        jsr     spark_tile
        jsr     put_sprite
        jmp     draw_rest

cursor_y:       .byte   129, 145
bob:            .byte   0, 0, 1, 2, 2, 2, 1, 0
arc:            .byte   0, 3, 5, 7, 9, 10, 11, 12, 12, 11, 10, 9, 7, 5, 3, 0

draw_point:
        ldy     scorer
        cpy     #2
        bne     :+
        ldx     #<(spr_time-sprite_texts)
        jsr     sprite_text
        jmp     draw_match
:       ldx     #<(spr_goal-sprite_texts)
        jsr     sprite_text
draw_match:
        lda     flash
        beq     :+
        dec     flash
:       lda     state
        cmp     #ST_POINT
        beq     @bodies
        ; the spark; before the serve it blinks
        cmp     #ST_SERVE
        bne     @shown
        ldx     #<(spr_ready-sprite_texts)
        jsr     sprite_text
        lda     timer
        and     #4
        bne     @bodies
@shown: lda     #0
        sta     spr_attr
        lda     ball_x
        sta     spr_x
        lda     ball_y
        sta     spr_y
        jsr     spark_tile
        jsr     put_sprite
@bodies:
        ldx     #1
@each:  lda     player_x,x
        sta     t2
        lda     player_y,x
        sta     t3
        jsr     draw_body
        lda     strike,x        ; the blade
        cmp     #STRIKE_BLADE+1
        bcc     @next
        lda     blade_attr,x
        sta     spr_attr
        lda     player_x,x
        clc
        adc     blade_x,x
        sta     spr_x
        lda     player_y,x
        sta     spr_y
        lda     #T_BLADE
        jsr     put_sprite
        lda     spr_y
        clc
        adc     #8
        sta     spr_y
        lda     #T_BLADE+1
        jsr     put_sprite
@next:  dex
        bpl     @each
        lda     state
        cmp     #ST_PLAY
        bne     draw_rest
        ; the trail
        lda     #0
        sta     spr_attr
        lda     trail_x+2
        sta     spr_x
        lda     trail_y+2
        sta     spr_y
        lda     #T_TRAIL
        jsr     put_sprite
        lda     trail_x+5
        sta     spr_x
        lda     trail_y+5
        sta     spr_y
        lda     #T_TRAIL+1
        jsr     put_sprite

draw_rest:
        jsr     move_parts
        ldy     oam_pos         ; the rest is not seen
        hide_other_sprites
        rts

draw_over:
        ; the winner hops; the other one is not there, after a draw both are
        ldy     winner
        cpy     #3
        beq     @both
        dey
        tya
        tax
        lda     timer
        lsr     a
        and     #$1F
        cmp     #$10
        bcc     :+
        lda     #0
:       tay
        lda     #132
        sec
        sbc     arc,y
        sta     t3
        lda     #120
        sta     t2
        jsr     draw_body
        jmp     draw_rest
@both:  lda     #132
        sta     t3
        lda     #100
        sta     t2
        ldx     #0
        jsr     draw_body
        lda     #140
        sta     t2
        ldx     #1
        jsr     draw_body
        jmp     draw_rest

; spark_tile: A = its tile now
spark_tile:
        lda     frames
        lsr     a
        lsr     a
        lsr     a
        and     #1
        ora     #T_SPARK
        rts

blade_attr:     .byte   1, $42
blade_x:        .byte   BODY, <-8

; draw_body: player X at t2, t3; keeps X
draw_body:
        stx     t0
        inx
        stx     spr_attr        ; palette 1 or 2
        dex
        lda     frames
        and     #$10            ; two pictures in turn
        lsr     a
        lsr     a
        clc
        adc     body_tile,x
        sta     t1
        ldy     #4
@piece: sty     spr_y           ; counts
        lda     t1
        and     #1
        asl     a
        asl     a
        asl     a
        clc
        adc     t2
        sta     spr_x
        lda     t1
        and     #2
        asl     a
        asl     a
        clc
        adc     t3
        pha
        tya
        tax
        pla
        sta     spr_y
        lda     t1
        jsr     put_sprite
        inc     t1
        txa
        tay
        dey
        bne     @piece
        ldx     t0
        rts

body_tile:      .byte   T_EMBER, T_RIME

; sprite_text: letters from sprite_texts + X, above the middle
sprite_text:
        lda     #3
        sta     spr_attr
        lda     sprite_texts,x
        sta     spr_x
        lda     #MIDDLE_Y-40
        sta     spr_y
@char:  inx
        lda     sprite_texts,x
        beq     @done
        jsr     put_sprite
        lda     spr_x
        clc
        adc     #8
        sta     spr_x
        bne     @char
@done:  rts

sprite_texts:
spr_ready:      .byte   108, "READY", 0
spr_goal:       .byte   112, "GOAL", 0
spr_time:       .byte   112, "TIME", 0

; burst: four splinters from spr_x, spr_y in palette spr_attr
burst:
        ldy     #3
        bne     burst_from
; burst_high: four faster ones
burst_high:
        ldy     #7
burst_from:
        lda     #3
        sta     t0
@one:   ldx     part_next
        lda     #31
        sta     part_life,x
        lda     #0
        sta     part_xf,x
        sta     part_yf,x
        lda     spr_x
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
        cpx     #PARTS
        bne     :+
        ldx     #0
:       stx     part_next
        dey
        dec     t0
        bpl     @one
        rts

; velocities: -1.25, 1.25, -0.5, 0.5 and -2, 2, -0.75, 0.75 across
burst_vxl:      .byte   $C0, $40, $80, $80, $00, $00, $40, $C0
burst_vxh:      .byte   $FE, $01, $FF, $00, $FE, $02, $FF, $00
burst_vyl:      .byte   $80, $80, $C0, $C0, $00, $00, $00, $00
burst_vyh:      .byte   $FF, $FF, $FE, $FE, $FE, $FE, $FD, $FD

; move_parts: move and show the splinters
move_parts:
        move_splinters $18, T_SPLINTER
        rts

; move_shake: the picture's scroll while it shakes
move_shake:
        ldx     shake
        beq     @still
        dex
        stx     shake
        lda     shake_x,x
        tax
@still: stx     scroll
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

; tone: a bell on pulse 1, period A (low byte); keeps X
tone:
        pha
        lda     #$82
        sta     $4000
        lda     #$08
        sta     $4001
        pla
        sta     $4002
        lda     #$00
        sta     $4003
        rts

; sound_wall: a tick on pulse 2; keeps X
sound_wall:
        lda     #$40
        sta     $4004
        lda     #$08
        sta     $4005
        lda     #$D5
        sta     $4006
        lda     #$00
        sta     $4007
        rts

; sound_swing: a breath of noise; keeps X
sound_swing:
        lda     #$01
        sta     $400C
        lda     #$03
        sta     $400E
        lda     #$00
        sta     $400F
        rts

; sound_strike: a crack, and a tone that rises; keeps X
sound_strike:
        lda     #$03
        sta     $400C
        lda     #$07
        sta     $400E
        lda     #$00
        sta     $400F
        lda     #$84
        sta     $4004
        lda     #$9A            ; sweep: the period shrinks
        sta     $4005
        lda     #$FD
        sta     $4006
        lda     #$00
        sta     $4007
        rts

; sound_point: noise, and a tone that falls
sound_point:
        lda     #$06
        sta     $400C
        lda     #$0C
        sta     $400E
        lda     #$00
        sta     $400F
        lda     #$86
        sta     $4004
        lda     #$A3            ; sweep: the period grows
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

screens:
        .incbin "title.nam"
        .incbin "court.nam"
        .incbin "ending0.nam"
        .incbin "ending1.nam"
        .incbin "ending2.nam"
screen_page:
        .repeat 5, i
        .byte   >(screens + i * $400)
        .endrepeat

colours:
        .byte   $0F, $00, $10, $30,  $0F, $07, $16, $27,  $0F, $0C, $11, $31,  $0F, $08, $28, $38
        .byte   $0F, $30, $38, $28,  $0F, $06, $16, $38,  $0F, $01, $21, $30,  $0F, $00, $10, $30

txt_start:      .byte   "PRESS START"
touch_notes:    .byte   $A9, $7E
point_notes:    ; by timer / 8, read from the end
        .byte   0, $54, $64, $7E, $A9, $7E, $A9, 0
end_notes:      ; read from the end
        .byte   $54, 0, 0, $5E, $64, 0, $7E, 0, $A9, 0, $7E, $A9, $D5, $FD, 0

shake_x:        ; read from the end to the start
        .byte   0, 1, <-1, 1, <-1, 2, <-2, 2, <-2, 3, <-3, 3, <-3, 4, <-4, 4

.include "speeds.inc"

.segment "VECTORS"
        .word   nmi, reset, irq
