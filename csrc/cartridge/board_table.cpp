// Which board a ROM needs. The one place where mapper numbers meet boards: a new board is a file in
// boards/ and a line here.
#include "cartridge/board.hpp"

namespace nes {
namespace {

constexpr int kAny = -1;  // every submapper without a line of its own

constexpr const char* kMapperName = nullptr;  // mapper_names.cpp has the name

// X(mapper, submapper, boards::make_..., name, what is missing)
// clang-format off
#define NES_BOARDS(X)                                                                              \
    X(0, kAny, nrom, kMapperName, "")                                                              \
    X(1, kAny, mmc1, kMapperName, "")                                                              \
    X(1, 5, mmc1_fixed_prg, "MMC1 without PRG banks (SEROM, SHROM, SH1ROM)", "")                   \
    X(2, kAny, uxrom, kMapperName, "")                                                             \
    X(2, 2, uxrom_conflicts, "UxROM with bus conflicts", "")                                       \
    X(3, kAny, cnrom, kMapperName, "")                                                             \
    X(3, 2, cnrom_conflicts, "CNROM with bus conflicts", "")                                       \
    X(4, kAny, mmc3, kMapperName, "")                                                              \
    X(4, 1, mmc6, "MMC6 (HKROM)", "")                                                              \
    X(4, 3, mmc3, "MC-ACC", "its interrupt comes when an MMC3's would")                            \
    X(4, 4, mmc3_nec, "MMC3A (NEC)", "")                                                           \
    X(4, 5, t9552_straight, "MMC3 clone with T9552", "")                                           \
    X(5, kAny, mmc5, kMapperName, "")                                                              \
    X(6, kAny, magic_card_1m, kMapperName, "PRG memory is read-only")                              \
    X(7, kAny, axrom, kMapperName, "")                                                             \
    X(7, 2, axrom_conflicts, "AxROM with bus conflicts (AMROM)", "")                               \
    X(8, kAny, magic_card_gnrom, kMapperName, "PRG memory is read-only")                           \
    X(9, kAny, mmc2, kMapperName, "")                                                              \
    X(10, kAny, mmc4, kMapperName, "")                                                             \
    X(11, kAny, color_dreams, kMapperName, "")                                                     \
    X(12, kAny, sl_5020b, "Gouder SL-5020B", "")                                                   \
    X(12, 1, magic_card_4m, "Front Fareast Magic Card 4M", "PRG memory is read-only")              \
    X(13, kAny, cprom, kMapperName, "")                                                            \
    X(15, kAny, k1029, kMapperName, "")                                                            \
    X(16, kAny, bandai_fcg_or_lz93d50, kMapperName, "")                                            \
    X(16, 4, bandai_fcg, "Bandai FCG-1/2", "")                                                     \
    X(16, 5, bandai_lz93d50, "Bandai LZ93D50 with 24C02", "")                                      \
    X(17, kAny, super_magic_card, kMapperName, "PRG memory is read-only")                          \
    X(18, kAny, ss88006, kMapperName, "speech chip")                                               \
    X(19, kAny, namco_163, kMapperName, "")                                                        \
    X(19, 1, namco_129, "Namco 129/163 without sound", "")                                         \
    X(19, 2, namco_129, "Namco 129/163 without sound", "")                                         \
    X(19, 3, namco_163_quiet, "Namco 163, sound 12 dB louder", "")                                 \
    X(19, 4, namco_163_loud, "Namco 163, sound 16.5 dB louder", "")                                \
    X(19, 5, namco_163_loudest, "Namco 163, sound 18.75 dB louder", "")                            \
    X(21, kAny, vrc4_21, kMapperName, "")                                                          \
    X(21, 1, vrc4a, "Konami VRC4a", "")                                                            \
    X(21, 2, vrc4c, "Konami VRC4c", "")                                                            \
    X(22, kAny, vrc2a, kMapperName, "")                                                            \
    X(23, kAny, vrc4_23, kMapperName, "")                                                          \
    X(23, 1, vrc4f, "Konami VRC4f", "")                                                            \
    X(23, 2, vrc4e, "Konami VRC4e", "")                                                            \
    X(23, 3, vrc2b, "Konami VRC2b", "")                                                            \
    X(24, kAny, vrc6a, kMapperName, "")                                                            \
    X(25, kAny, vrc4_25, kMapperName, "")                                                          \
    X(25, 1, vrc4b, "Konami VRC4b", "")                                                            \
    X(25, 2, vrc4d, "Konami VRC4d", "")                                                            \
    X(25, 3, vrc2c, "Konami VRC2c", "")                                                            \
    X(26, kAny, vrc6b, kMapperName, "")                                                            \
    X(27, kAny, vrc4f, kMapperName, "whether its interrupt is the VRC4's")                         \
    X(28, kAny, action53, kMapperName, "saving to flash memory")                                   \
    X(29, kAny, ret_cufrom, kMapperName, "")                                                       \
    X(30, kAny, unrom512, kMapperName, "saving to flash memory")                                   \
    X(31, kAny, nsf_banks, kMapperName, "")                                                        \
    X(32, kAny, g101, kMapperName, "")                                                             \
    X(32, 1, g101_major_league, "Irem G-101 (Major League)", "")                                   \
    X(33, kAny, tc0190, kMapperName, "")                                                           \
    X(34, kAny, bnrom_or_nina_001, kMapperName, "")                                                \
    X(34, 1, nina_001, "NINA-001", "")                                                             \
    X(34, 2, bnrom, "BNROM", "")                                                                   \
    X(35, kAny, jy_209, kMapperName, "counting of CPU writes")                                     \
    X(36, kAny, txc_36, kMapperName, "")                                                           \
    X(37, kAny, zz, kMapperName, "")                                                               \
    X(38, kAny, bit_corp, kMapperName, "")                                                         \
    X(40, kAny, ntdec_2722, kMapperName, "")                                                       \
    X(40, 1, ntdec_2752, "NTDEC 2752", "")                                                         \
    X(41, kAny, caltron, kMapperName, "")                                                          \
    X(42, kAny, mario_baby, kMapperName, "")                                                       \
    X(43, kAny, tony_i, kMapperName, "")                                                           \
    X(44, kAny, super_big_7in1, kMapperName, "")                                                   \
    X(45, kAny, ga23c, kMapperName, "DIP switch: the first position")                              \
    X(46, kAny, rumble_station, kMapperName, "")                                                   \
    X(47, kAny, qj, kMapperName, "")                                                               \
    X(48, kAny, tc0690, kMapperName, "")                                                           \
    X(49, kAny, super_hik_4in1, kMapperName, "")                                                   \
    X(50, kAny, n_32, kMapperName, "")                                                             \
    X(52, kAny, realtec_8213, kMapperName, "")                                                     \
    X(52, 13, realtec_8213_chr_ram, "Realtec 8213 with CHR-RAM", "")                               \
    X(52, 14, ab892, "AB892", "")                                                                  \
    X(55, kAny, mario1_malee2, kMapperName, "")                                                    \
    X(56, kAny, ks202_smb3, kMapperName, "8-bit mode of the counter")                              \
    X(57, kAny, gk, kMapperName, "")                                                               \
    X(58, kAny, as_5321, kMapperName, "")                                                          \
    X(59, kAny, t3h53, kMapperName, "DIP switches: the first position")                            \
    X(60, kAny, reset_nrom_4in1, kMapperName, "")                                                  \
    X(61, kAny, ntdec_0324, kMapperName, "")                                                       \
    X(62, kAny, super_700in1, kMapperName, "")                                                     \
    X(63, kAny, th2291_3, kMapperName, "")                                                         \
    X(63, 1, pcb_82ab, "82AB", "")                                                                 \
    X(64, kAny, rambo1, kMapperName, "")                                                           \
    X(65, kAny, h3001, kMapperName, "")                                                            \
    X(66, kAny, gxrom, kMapperName, "")                                                            \
    X(67, kAny, sunsoft_3, kMapperName, "")                                                        \
    X(68, kAny, sunsoft_4, kMapperName, "licensing chip (Nantettatte!! Baseball)")                 \
    X(69, kAny, fme7, kMapperName, "")                                                             \
    X(70, kAny, bandai_74161, kMapperName, "")                                                     \
    X(71, kAny, camerica, kMapperName, "")                                                         \
    X(71, 1, bf9097, "Camerica BF9097 (Fire Hawk)", "")                                            \
    X(72, kAny, jf_17, kMapperName, "speech chip")                                                 \
    X(73, kAny, vrc3, kMapperName, "")                                                             \
    X(74, kAny, waixing_74, kMapperName, "")                                                       \
    X(75, kAny, vrc1, kMapperName, "")                                                             \
    X(76, kAny, namco_3446, kMapperName, "")                                                       \
    X(77, kAny, napoleon_senki, kMapperName, "")                                                   \
    X(78, kAny, irem_74161, kMapperName, "")                                                       \
    X(78, 1, cosmo_carrier, "Jaleco JF-16 (Cosmo Carrier)", "")                                    \
    X(78, 3, holy_diver, "Irem 74HC161/32 (Holy Diver)", "")                                       \
    X(79, kAny, nina_003, kMapperName, "")                                                         \
    X(80, kAny, x1_005, kMapperName, "")                                                           \
    X(81, kAny, n715021, kMapperName, "")                                                          \
    X(82, kAny, x1_017, kMapperName, "interrupt (no game uses it)")                                \
    X(83, kAny, cony, kMapperName, "DIP switches: all off")                                        \
    X(83, 1, cony_2k, "Cony/Yoko with 2 KB CHR banks", "DIP switches: all off")                    \
    X(83, 2, cony_outer, "Cony/Yoko with RAM (Dragon Ball Party)", "DIP switches: all off")        \
    X(85, kAny, vrc7, kMapperName, "")                                                             \
    X(85, 1, vrc7b, "Konami VRC7b", "")                                                            \
    X(85, 2, vrc7a, "Konami VRC7a", "")                                                            \
    X(86, kAny, jf_13, kMapperName, "speech chip")                                                 \
    X(87, kAny, jf_09, kMapperName, "")                                                            \
    X(88, kAny, namco_3443, kMapperName, "")                                                       \
    X(89, kAny, sunsoft_2_on_3, kMapperName, "")                                                   \
    X(90, kAny, jy_90, kMapperName, "counting of CPU writes")                                      \
    X(91, kAny, jy_830623, kMapperName, "")                                                        \
    X(91, 1, ej_006, "EJ-006-1 (Super Fighter III)", "")                                           \
    X(92, kAny, jf_19, kMapperName, "speech chip")                                                 \
    X(93, kAny, sunsoft_2_on_3r, kMapperName, "")                                                  \
    X(94, kAny, un1rom, kMapperName, "")                                                           \
    X(95, kAny, namco_3425, kMapperName, "")                                                       \
    X(96, kAny, oeka_kids, kMapperName, "drawing tablet")                                          \
    X(97, kAny, tam_s1, kMapperName, "")                                                           \
    X(99, kAny, vs_system, kMapperName, "the RC2C05's registers, a second console")                \
    X(101, kAny, jf_10, kMapperName, "")                                                           \
    X(103, kAny, lh30, kMapperName, "")                                                            \
    X(104, kAny, golden_five, kMapperName, "")                                                     \
    X(105, kAny, nes_event, kMapperName, "DIP switches: always the six minutes of the tournament") \
    X(106, kAny, smb3_106, kMapperName, "")                                                        \
    X(107, kAny, magic_dragon, kMapperName, "")                                                    \
    X(108, kAny, conversion_108, kMapperName, "")                                                  \
    X(108, 1, dh_08, "DH-08 (Bubble Bobble)", "")                                                  \
    X(108, 2, unl_bb, "UNL-BB (Bubble Bobble with CHR-ROM)", "")                                   \
    X(108, 3, falsion, "LH54/LH28", "")                                                            \
    X(108, 4, pro_wrestling, "LE05 (Pro Wrestling)", "")                                           \
    X(111, kAny, gtrom, kMapperName, "saving to flash memory")                                     \
    X(112, kAny, ntdec_112, kMapperName, "")                                                       \
    X(113, kAny, hes_ntd_8, kMapperName, "")                                                       \
    X(114, kAny, supergame_114, kMapperName, "")                                                   \
    X(114, 1, boogerman, "MMC3 clone (Boogerman)", "")                                             \
    X(115, kAny, kasheng_115, kMapperName, "solder pads: all open")                                \
    X(116, kAny, somari, kMapperName, "")                                                          \
    X(116, 3, somari, kMapperName, "games selected by the reset button")                           \
    X(118, kAny, txsrom, kMapperName, "")                                                          \
    X(119, kAny, tqrom, kMapperName, "")                                                           \
    X(120, kAny, lh15, kMapperName, "")                                                            \
    X(121, kAny, kasheng_121, kMapperName, "")                                                     \
    X(123, kAny, h2288, kMapperName, "")                                                           \
    X(125, kAny, lh32, kMapperName, "the disk interface's sound")                                  \
    X(132, kAny, txc_132, kMapperName, "")                                                         \
    X(133, kAny, sa_72008, kMapperName, "")                                                        \
    X(134, kAny, t4a54a, kMapperName, "")                                                          \
    X(136, kAny, sachen_3011, kMapperName, "")                                                     \
    X(137, kAny, sachen_8259d, kMapperName, "")                                                    \
    X(138, kAny, sachen_8259b, kMapperName, "")                                                    \
    X(139, kAny, sachen_8259c, kMapperName, "")                                                    \
    X(140, kAny, jf_11, kMapperName, "")                                                           \
    X(141, kAny, sachen_8259a, kMapperName, "")                                                    \
    X(142, kAny, ks7032, kMapperName, "8-bit mode of the counter")                                 \
    X(143, kAny, tca01, kMapperName, "")                                                           \
    X(144, kAny, death_race, kMapperName, "")                                                      \
    X(145, kAny, sa_72007, kMapperName, "")                                                        \
    X(146, kAny, nina_003, kMapperName, "")                                                        \
    X(147, kAny, sachen_3018, kMapperName, "")                                                     \
    X(148, kAny, sachen_008a, kMapperName, "")                                                     \
    X(149, kAny, sa_0036, kMapperName, "")                                                         \
    X(150, kAny, sa_015, kMapperName, "")                                                          \
    X(151, kAny, vrc1, kMapperName, "the RC2C05's registers, a second console")                    \
    X(152, kAny, bandai_74161_one_screen, kMapperName, "")                                         \
    X(153, kAny, bandai_lz93d50_ram, kMapperName, "")                                              \
    X(154, kAny, namco_3453, kMapperName, "")                                                      \
    X(155, kAny, mmc1a, kMapperName, "")                                                           \
    X(156, kAny, daou_156, kMapperName, "")                                                        \
    X(157, kAny, bandai_datach, kMapperName, "barcode reader, EEPROMs")                            \
    X(158, kAny, rambo1_wired, kMapperName, "")                                                    \
    X(159, kAny, bandai_lz93d50_24c01, kMapperName, "")                                            \
    X(162, kAny, fs304, kMapperName, "")                                                           \
    X(163, kAny, nanjing_163, kMapperName, "")                                                     \
    X(164, kAny, pec_9588, kMapperName, "1 bpp mode")                                              \
    X(165, kAny, fire_emblem_165, kMapperName, "")                                                 \
    X(166, kAny, subor_166, kMapperName, "")                                                       \
    X(167, kAny, subor_167, kMapperName, "")                                                       \
    X(172, kAny, p4070, kMapperName, "")                                                           \
    X(173, kAny, idea_tek, kMapperName, "")                                                        \
    X(174, kAny, ntdec_5in1, kMapperName, "")                                                      \
    X(176, kAny, mapper_176, kMapperName, "")                                                      \
    X(176, 1, fk23c, "FK23C/FK23CA", "")                                                           \
    X(176, 2, fs005, "Waixing FS005/FS006", "")                                                    \
    X(176, 3, jx9003b, "JX9003B", "")                                                              \
    X(176, 4, gamestar_176, "8025 enhanced MMC3 (GameStar)", "")                                   \
    X(176, 5, hst_162, "HST-162", "")                                                              \
    X(177, kAny, hengge, kMapperName, "")                                                          \
    X(178, kAny, fs305, kMapperName, "")                                                           \
    X(178, 1, fs305, "Waixing FS305 with infrared sensor", "infrared sensor")                      \
    X(180, kAny, unrom_74hc08, kMapperName, "")                                                    \
    X(182, kAny, supergame_114, kMapperName, "")                                                   \
    X(184, kAny, sunsoft_1, kMapperName, "")                                                       \
    X(185, kAny, cnrom_protected, kMapperName, "")                                                 \
    X(185, 4, cnrom_diodes_0, "CNROM, CHR enabled by 0", "")                                       \
    X(185, 5, cnrom_diodes_1, "CNROM, CHR enabled by 1", "")                                       \
    X(185, 6, cnrom_diodes_2, "CNROM, CHR enabled by 2", "")                                       \
    X(185, 7, cnrom_diodes_3, "CNROM, CHR enabled by 3", "")                                       \
    X(187, kAny, a98402, kMapperName, "")                                                          \
    X(188, kAny, karaoke_studio, kMapperName, "microphone")                                        \
    X(189, kAny, txc_189, kMapperName, "")                                                         \
    X(190, kAny, googoo, kMapperName, "")                                                          \
    X(191, kAny, waixing_191, kMapperName, "")                                                     \
    X(192, kAny, fs308, kMapperName, "")                                                           \
    X(193, kAny, tc112, kMapperName, "")                                                           \
    X(194, kAny, waixing_194, kMapperName, "")                                                     \
    X(195, kAny, fs303, kMapperName, "")                                                           \
    X(196, kAny, mrcm, kMapperName, "")                                                            \
    X(196, 1, mrcm_a1, "MMC3 clone (MRCM, A1)", "")                                                \
    X(196, 2, mrcm_a2, "MMC3 clone (MRCM, A2)", "")                                                \
    X(196, 3, mrcm_a1_189, "MMC3 clone (MRCM, A1, 32 KB of PRG)", "")                              \
    X(197, kAny, kasheng_197, kMapperName, "")                                                     \
    X(197, 1, kasheng_197_upper, "MMC3 clone with 2 KB CHR banks (FC-28-5027)", "")                \
    X(197, 2, kasheng_197_both, "MMC3 clone with 2 KB CHR banks (Mortal Kombat III Special)", "")  \
    X(197, 3, super_2in1, "MMC3 clone with 2 KB CHR banks (Super 2-in-1)", "")                     \
    X(198, kAny, waixing_198, kMapperName, "")                                                     \
    X(199, kAny, fs309, kMapperName, "")                                                           \
    X(200, kAny, mg109, kMapperName, "")                                                           \
    X(200, 1, mg109_8_games, "MG109 with mirroring by the third bit", "")                          \
    X(201, kAny, nrom_256_multicart, kMapperName, "")                                              \
    X(202, kAny, bmc_150in1, kMapperName, "")                                                      \
    X(203, kAny, bmc_35in1, kMapperName, "")                                                       \
    X(205, kAny, jc_016, kMapperName, "")                                                          \
    X(206, kAny, dxrom, kMapperName, "")                                                           \
    X(206, 1, dxrom_fixed_prg, "Namco 108 without PRG banks (3407, 3417, 3451)", "")               \
    X(207, kAny, x1_005_wired, kMapperName, "")                                                    \
    X(209, kAny, jy_209, kMapperName, "counting of CPU writes")                                    \
    X(210, kAny, namco_175_or_340, kMapperName, "")                                                \
    X(210, 1, namco_175, "Namco 175", "")                                                          \
    X(210, 2, namco_340, "Namco 340", "")                                                          \
    X(211, kAny, jy_209, kMapperName, "counting of CPU writes")                                    \
    X(212, kAny, super_hik_300in1, kMapperName, "")                                                \
    X(213, kAny, as_5321, kMapperName, "")                                                         \
    X(215, kAny, unl_8237, kMapperName, "")                                                        \
    X(215, 1, unl_8237a, "Sugar Softec (UNL-8237A)", "")                                           \
    X(218, kAny, magic_floor, kMapperName, "")                                                     \
    X(221, kAny, n625092, kMapperName, "")                                                         \
    X(224, kAny, mindkids, kMapperName, "")                                                        \
    X(225, kAny, et4310, kMapperName, "")                                                          \
    X(226, kAny, bmc_76in1, kMapperName, "")                                                       \
    X(227, kAny, fw_01, kMapperName, "")                                                           \
    X(227, 1, fw_01_multicart, "FW-01 as a multicart", "")                                         \
    X(227, 2, fw_01_global_bank, "FW-01 as a multicart with one fixed bank", "")                   \
    X(228, kAny, action52, kMapperName, "")                                                        \
    X(229, kAny, bmc_31in1, kMapperName, "")                                                       \
    X(230, kAny, contra_22in1, kMapperName, "")                                                    \
    X(231, kAny, bmc_20in1, kMapperName, "")                                                       \
    X(232, kAny, bf9096, kMapperName, "")                                                          \
    X(232, 1, aladdin, "Camerica Quattro (Aladdin)", "")                                           \
    X(233, kAny, bmc_42in1, kMapperName, "")                                                       \
    X(234, kAny, maxi15, kMapperName, "")                                                          \
    X(235, kAny, golden_game_150in1, kMapperName, "")                                              \
    X(236, kAny, realtec_8031, kMapperName, "")                                                    \
    X(237, kAny, teletubbies, kMapperName, "")                                                     \
    X(240, kAny, ce_240, kMapperName, "")                                                          \
    X(241, kAny, bxrom_ram, kMapperName, "")                                                       \
    X(242, kAny, et113, kMapperName, "")                                                           \
    X(243, kAny, sa_020a, kMapperName, "")                                                         \
    X(245, kAny, waixing_f003, kMapperName, "")                                                    \
    X(246, kAny, fong_shen_bang, kMapperName, "")                                                  \
    X(248, kAny, kasheng_115, kMapperName, "")                                                     \
    X(249, kAny, t9552, kMapperName, "")                                                           \
    X(250, kAny, nitra, kMapperName, "")                                                           \
    X(252, kAny, vrc4e_ram_6, kMapperName, "")                                                     \
    X(253, kAny, vrc4e_ram_4, kMapperName, "")                                                     \
    X(255, kAny, et4310, kMapperName, "")                                                          \
    X(260, kAny, hpxx, kMapperName, "DIP switches: all off")                                       \
    X(261, kAny, elfland, kMapperName, "")                                                         \
    X(268, kAny, coolboy, kMapperName, "64 MB images")                                             \
    X(268, 1, mindkids, "MINDKIDS", "64 MB images")                                                \
    X(268, 2, smd173_7000, "SMD173 at $7000", "")                                                  \
    X(268, 3, smd173_5000, "SMD173 at $5000", "")                                                  \
    X(268, 4, kp6022_6000, "KP-6022 at $6000", "")                                                 \
    X(268, 5, kp6022_5000, "KP-6022 at $5000", "")                                                 \
    X(268, 6, j852c_6000, "J-852C at $6000", "chip selection by the PPU")                          \
    X(268, 7, j852c_5000, "J-852C at $5000", "chip selection by the PPU")                          \
    X(268, 8, smd72a_6000, "SMD72A at $6000", "")                                                  \
    X(268, 9, smd72a_5000, "SMD72A at $5000", "")                                                  \
    X(268, 10, smd172c_6000, "SMD172C-L1 at $6000", "")                                            \
    X(268, 11, smd172c_5000, "SMD172C-L1 at $5000", "")                                            \
    X(274, kAny, cartridge_story, kMapperName, "")                                                 \
    X(282, kAny, jy_282, kMapperName, "counting of CPU writes")                                    \
    X(285, kAny, a65as, kMapperName, "")                                                           \
    X(285, 1, jy_066, "JY-066", "")                                                                \
    X(286, kAny, bs_5, kMapperName, "DIP switches: the first position")                            \
    X(288, kAny, gkcx1, kMapperName, "")                                                           \
    X(289, kAny, bmc_60311c, kMapperName, "")                                                      \
    X(290, kAny, asder_20in1, kMapperName, "")                                                     \
    X(293, kAny, newstar, kMapperName, "")                                                         \
    X(299, kAny, txc_6in1, kMapperName, "")                                                        \
    X(300, kAny, golden_190in1, kMapperName, "")                                                   \
    X(301, kAny, gg1, kMapperName, "")                                                             \
    X(310, kAny, k_1053, kMapperName, "")                                                          \
    X(313, kAny, reset_txrom, kMapperName, "")                                                     \
    X(313, 1, reset_txrom_prg, "Reset-based TxROM, 256 KB of PRG", "")                             \
    X(313, 2, reset_txrom_chr, "Reset-based TxROM, 256 KB of CHR", "")                             \
    X(313, 3, reset_txrom_both, "Reset-based TxROM, 256 KB of both", "")                           \
    X(313, 4, reset_txrom_a01, "Reset-based TxROM, 256 KB of PRG in the first game", "")           \
    X(314, kAny, bmc_64in1, kMapperName, "")                                                       \
    X(319, kAny, hp_898f, kMapperName, "")                                                         \
    X(320, kAny, bmc_830425c, kMapperName, "")                                                     \
    X(324, kAny, farid_unrom, kMapperName, "")                                                     \
    X(331, kAny, ns03, kMapperName, "PRG banks that follow the pattern table")                     \
    X(332, kAny, bmc_ws, kMapperName, "")                                                          \
    X(335, kAny, ctc_09, kMapperName, "")                                                          \
    X(336, kAny, k_3046, kMapperName, "")                                                          \
    X(336, 1, m1k30, "K-3046 on M1K30", "")                                                        \
    X(336, 2, yh_218, "K-3046 (YH-218)", "")                                                       \
    X(337, kAny, ctc_12in1, kMapperName, "")                                                       \
    X(338, kAny, sa005, kMapperName, "")                                                           \
    X(340, kAny, k_3036, kMapperName, "")                                                          \
    X(341, kAny, tj_03, kMapperName, "")                                                           \
    X(349, kAny, g_146, kMapperName, "")                                                           \
    X(350, kAny, bmc_891227, kMapperName, "")                                                      \
    X(360, kAny, bit_corp_3150, kMapperName, "DIP switches: the first game only")                  \
    X(375, kAny, bmc_375, kMapperName, "")                                                         \
    X(380, kAny, k_970630c, kMapperName, "")                                                       \
    X(380, 1, kn_35a, "KN-35A", "")                                                                \
    X(381, kAny, kn_42, kMapperName, "")                                                           \
    X(382, kAny, bmc_830928c, kMapperName, "")                                                     \
    X(385, kAny, ntdec_2779, kMapperName, "")                                                      \
    X(389, kAny, caltron_9in1, kMapperName, "")                                                    \
    X(392, kAny, pcb_00202650, kMapperName, "")                                                    \
    X(396, kAny, yy850437c, kMapperName, "")                                                       \
    X(402, kAny, j_2282, kMapperName, "")                                                          \
    X(403, kAny, bmc_89433, kMapperName, "")                                                       \
    X(414, kAny, bmc_9999999in1, kMapperName, "")                                                  \
    X(435, kAny, f_1002, kMapperName, "")                                                          \
    X(437, kAny, th2348, kMapperName, "")                                                          \
    X(438, kAny, k_3071, kMapperName, "")                                                          \
    X(439, kAny, ys2309, kMapperName, "")                                                          \
    X(449, kAny, super_games_king, kMapperName, "")                                                \
    X(453, kAny, realtec_8042, kMapperName, "")                                                    \
    X(454, kAny, bmc_110in1, kMapperName, "")                                                      \
    X(552, kAny, x1_017_reversed, kMapperName, "interrupt (no game uses it)")                      \
    X(558, kAny, yc_03_09, kMapperName, "")                                                        \
    X(561, kAny, super_game_doctor, kMapperName, "trainers; PRG memory is read-only")              \
    X(562, kAny, turbo_game_doctor, kMapperName, "trainers; BIOS; PRG memory is read-only")
// clang-format on

}  // namespace

namespace boards {
#define NES_DECLARE(mapper, submapper, make, name, missing) std::unique_ptr<Board> make_##make(Cartridge& cart);
NES_BOARDS(NES_DECLARE)
#undef NES_DECLARE
}  // namespace boards

namespace {

struct Entry {
    unsigned mapper;
    int submapper;
    std::unique_ptr<Board> (*make)(Cartridge&);
    const char* name;
    const char* missing;
};

constexpr Entry kBoards[] = {
#define NES_ENTRY(mapper, submapper, make, name, missing) {mapper, submapper, boards::make_##make, name, missing},
    NES_BOARDS(NES_ENTRY)
#undef NES_ENTRY
};

/// The line of a board. A submapper that is not listed gets the plain board of its mapper.
const Entry* find(unsigned mapper, unsigned submapper) noexcept {
    const Entry* plain = nullptr;
    for (const Entry& entry : kBoards) {
        if (entry.mapper != mapper) continue;
        if (entry.submapper == static_cast<int>(submapper)) return &entry;
        if (entry.submapper == kAny) plain = &entry;
    }
    return plain;
}

}  // namespace

std::unique_ptr<Board> make_board(Cartridge& cartridge) {
    const Rom& rom = *cartridge.rom;
    if (const Entry* entry = find(rom.mapper, rom.submapper)) return entry->make(cartridge);
    throw RomError(why_unsupported(rom.mapper));
}

std::string why_unsupported(unsigned mapper) {
    constexpr unsigned kDiskSystem = 20;
    std::string text = "mapper " + std::to_string(mapper);
    if (const std::string name = mapper_name(mapper); !name.empty()) text += " (" + name + ")";
    text += " is not supported";
    if (mapper == kDiskSystem) text += ": disks need the disk drive and the BIOS in it, which cannot be given away";
    return text;
}

std::vector<BoardDescription> describe_boards() {
    std::vector<BoardDescription> list;
    for (const Entry& entry : kBoards) {
        list.push_back({entry.mapper, entry.submapper, entry.name != nullptr ? entry.name : mapper_name(entry.mapper),
                        entry.missing});
    }
    return list;
}

bool board_is_supported(unsigned mapper, unsigned submapper) noexcept { return find(mapper, submapper) != nullptr; }

}  // namespace nes
