package dev.neurath.model.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads a label selector from left to right. */
final class SelectorReader {
    private final String text;
    private int at;

    SelectorReader(String text) {
        this.text = text;
    }

    List<Selector.Term> terms() {
        var terms = new ArrayList<Selector.Term>();
        skipSpace();
        if (at == text.length()) {
            return terms;
        }
        terms.add(term());
        while (at < text.length()) {
            expect(',', "',' or the end");
            terms.add(term());
        }
        return terms;
    }

    private Selector.Term term() {
        skipSpace();
        if (accept("!")) {
            return new Selector.Absent(word("a label's name"));
        }
        String key = word("a label's name");
        if (accept("!=")) {
            return new Selector.NotIn(key, one());
        }
        if (accept("==") || accept("=")) {
            return new Selector.In(key, one());
        }
        int before = at;
        String operator = wordOrEmpty();
        return switch (operator) {
            case "in" -> new Selector.In(key, several());
            case "notin" -> new Selector.NotIn(key, several());
            case "" -> new Selector.Exists(key);
            default -> throw new MalformedSelector(text, before, "=, !=, in, notin, ',' or the end");
        };
    }

    private SortedSet<String> one() {
        return new TreeSet<>(List.of(word("a value")));
    }

    private SortedSet<String> several() {
        var values = new TreeSet<String>();
        expect('(', "'('");
        values.add(word("a value"));
        while (!accept(")")) {
            expect(',', "',' or ')'");
            values.add(word("a value"));
        }
        return values;
    }

    private String word(String expected) {
        skipSpace();
        String word = wordOrEmpty();
        if (word.isEmpty()) {
            throw new MalformedSelector(text, at, expected);
        }
        return word;
    }

    private String wordOrEmpty() {
        int start = at;
        while (at < text.length() && isOfWord(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        skipSpace();
        return word;
    }

    private static boolean isOfWord(char c) {
        return Character.isLetterOrDigit(c) || "._-/:".indexOf(c) >= 0;
    }

    private boolean accept(String token) {
        if (!text.startsWith(token, at)) {
            return false;
        }
        at += token.length();
        skipSpace();
        return true;
    }

    private void expect(char c, String expected) {
        if (!accept(String.valueOf(c))) {
            throw new MalformedSelector(text, at, expected);
        }
    }

    private void skipSpace() {
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
    }
}
