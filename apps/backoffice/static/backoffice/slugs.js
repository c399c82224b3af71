// What the back office proposes as a slug while a name is typed: the same as apps/common/letters.py makes of it.
// Django's own URLify, which its prepopulate.js calls, leaves out œ and writes đ and ß its own way.
"use strict";
{
  const LETTERS = Object.fromEntries(
    (
      "œ=oe æ=ae ĳ=ij ß=ss ſ=s þ=th ŋ=ng ĸ=q ø=o ł=l đ=d ð=d ħ=h ŧ=t ı=i ŉ=n ƀ=b ɓ=b ɗ=d ƒ=f ɨ=i ƙ=k ƴ=y ʉ=u ə=e ɛ=e ɔ=o"
    )
      .split(" ")
      .map((pair) => pair.split("=")),
  );
  window.URLify = (text, length) =>
    [...text.toLowerCase()]
      .map((letter) => LETTERS[letter] ?? letter)
      .join("")
      .normalize("NFKD")
      .replace(/[^\x00-\x7f]/g, "")
      .toLowerCase()
      .replace(/[^\w\s-]/g, "")
      .replace(/[-\s]+/g, "-")
      .substring(0, length)
      .replace(/^[-_]+|[-_]+$/g, "");
}
