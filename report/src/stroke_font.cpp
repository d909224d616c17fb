// Copyright 2026 The trispike authors. SPDX-License-Identifier: Apache-2.0
#include "src/stroke_font.h"

#include <algorithm>
#include <array>

namespace trispike::report {
namespace {

/// Strokes are separated by spaces, each a row of points "xy" on a grid: x from 0 to 4, y from 0
/// (top of capitals) over 2 (top of small letters) and 6 (base line) to 8.
struct Glyph {
  char32_t character;
  std::string_view strokes;
};

constexpr auto kGlyphs = std::to_array<Glyph>({
    {U'A', "062046 1434"},
    {U'B', "060030414233033344453606"},
    {U'C', "4130100105163645"},
    {U'D', "06002042442606"},
    {U'E', "40000646 0333"},
    {U'F', "400006 0333"},
    {U'G', "41301001051636454323"},
    {U'H', "0006 4046 0343"},
    {U'I', "0006"},
    {U'J', "3035261605"},
    {U'K', "0006 4003 1346"},
    {U'L', "000646"},
    {U'M', "0600244046"},
    {U'N', "06004640"},
    {U'O', "100105163645413010"},
    {U'P', "06003041423303"},
    {U'Q', "100105163645413010 2446"},
    {U'R', "06003041423303 2346"},
    {U'S', "413010010213334445361605"},
    {U'T', "0040 2026"},
    {U'U', "000516364540"},
    {U'V', "002640"},
    {U'W', "0016223640"},
    {U'X', "0046 4006"},
    {U'Y', "002340 2326"},
    {U'Z', "00400646"},
    {U'0', "100105163645413010"},
    {U'1', "012026"},
    {U'2', "01103041420646"},
    {U'3', "01103041423313 334445361605"},
    {U'4', "36300444"},
    {U'5', "4000033344453606"},
    {U'6', "413010010516364544331304"},
    {U'7', "004016"},
    {U'8', "100102133342413010 1304051636454433"},
    {U'9', "051636454130100102133342"},
    {U'a', "12324346 441405163645"},
    {U'b', "0006 0312324345361605"},
    {U'c', "4332120305163645"},
    {U'd', "4046 4332120305163645"},
    {U'e', "04444332120305163645"},
    {U'f', "30201116 0232"},
    {U'g', "4247381807 4332120305163645"},
    {U'h', "0006 0312324346"},
    {U'i', "0206 00"},
    {U'j', "121708 10"},
    {U'k', "0006 3204 1336"},
    {U'l', "0006"},
    {U'm', "0206 03122326 23324346"},
    {U'n', "0206 0312324346"},
    {U'o', "120305163645433212"},
    {U'p', "0208 0312324345361605"},
    {U'q', "4248 4332120305163645"},
    {U'r', "0206 031232"},
    {U's', "4212031434453606"},
    {U't', "10152636 0232"},
    {U'u', "0205163645 4246"},
    {U'v', "022642"},
    {U'w', "0216233642"},
    {U'x', "0246 4206"},
    {U'y', "0226 4218"},
    {U'z', "02420646"},
    {U'.', "06"},
    {U',', "0607"},
    {U':', "03 06"},
    {U';', "03 0607"},
    {U'!', "0004 06"},
    {U'?', "0110304133232425 26"},
    {U'-', "0434"},
    {U'+', "0444 2226"},
    {U'=', "0343 0545"},
    {U'/', "0640"},
    {U'(', "20020426"},
    {U')', "00222406"},
    {U'[', "20000828"},
    {U']', "00202808"},
    {U'%', "0001111000 4006 3536464535"},
    {U'_', "0747"},
    {U'|', "0008"},
    {U'<', "420446"},
    {U'>', "024406"},
    {U'*', "1115 0234 0432"},
    {U'#', "1016 3036 0242 0444"},
    {U'\'', "0001"},
    {U'"', "0001 2021"},
    {U'&', "460110304114051636 44"},
    {U'\u00b1', "0242 2024 0646"},            // plus-minus
    {U'\u00b7', "04"},                        // middle dot
    {U'\u00d7', "0336 3306"},                 // times
    {U'\u00b5', "0208 0205163645 4246"},      // micro
    {U'\u03bc', "0208 0205163645 4246"},      // mu
    {U'\u03b8', "1001051636454130 10 0343"},  // theta
    {U'\u2212', "0444"},                      // minus
    {U'\u2013', "0444"},                      // en dash
    {U'\u2192', "0444 224426"},               // right arrow
    {U'\u2264', "400244 0646"},               // at most
    {U'\u2265', "004204 0646"},               // at least
});

constexpr std::string_view kUnknown = "0006363000";
constexpr double kSpace = 3;
constexpr double kGap = 1.7;  // between letters

/// The next code point; bytes that are not UTF-8 count as one unknown character each.
char32_t next(std::string_view text, std::size_t& i) {
  const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned char first = byte(i++);
  if (first < 0x80) return first;
  const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
  char32_t code = first & (0x3f >> more);
  for (int k = 0; k < more; ++k) {
    if (i >= text.size() || (byte(i) & 0xc0) != 0x80) return U'\ufffd';
    code = code << 6 | (byte(i++) & 0x3f);
  }
  return more == 0 ? U'\ufffd' : code;
}

}  // namespace

StrokedText stroke_text(std::string_view utf8) {
  StrokedText text;
  double x = 0;
  for (std::size_t i = 0; i < utf8.size();) {
    const char32_t c = next(utf8, i);
    if (c == U' ') {
      x += kSpace;
      continue;
    }
    const auto found = std::find_if(kGlyphs.begin(), kGlyphs.end(),
                                    [&](const Glyph& glyph) { return glyph.character == c; });
    const std::string_view strokes = found == kGlyphs.end() ? kUnknown : found->strokes;
    double width = 0;
    bool open = false;
    for (std::size_t k = 0; k < strokes.size();) {
      if (strokes[k] == ' ') {
        open = false;
        ++k;
        continue;
      }
      if (!open) text.strokes.emplace_back();
      open = true;
      const double px = strokes[k] - '0';
      const double py = strokes[k + 1] - '0';
      text.strokes.back().push_back({x + px, py - 6});
      width = std::max(width, px);
      k += 2;
    }
    x += width + kGap;
  }
  text.width = std::max(0.0, x - kGap);
  return text;
}

}  // namespace trispike::report
