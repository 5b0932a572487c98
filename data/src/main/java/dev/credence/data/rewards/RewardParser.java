package dev.credence.data.rewards;

import dev.credence.core.evidence.RewardFunction;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Recursive descent through one reward expression; the grammar is in {@link RewardExpression}. */
final class RewardParser {
    private static final String LENGTH = "length";

    private final String text;
    private final Kinds kinds;
    private int at;

    RewardParser(String text, Kinds kinds) {
        this.text = text;
        this.kinds = kinds;
    }

    /** Which rewards may be named. */
    enum Kinds {
        /** Those of one text at a time. */
        ONE_BY_ONE,
        /** Those that are computed of many texts together, too. */
        TOGETHER
    }

    RewardTerm parse() {
        RewardTerm term = sum("");
        if (at < text.length()) {
            throw wrong("nothing is left behind the reward, but there is \"" + text.substring(at) + '"');
        }
        return term;
    }

    private RewardTerm sum(String stops) {
        List<RewardTerm> terms = new ArrayList<>();
        terms.add(term(stops));
        while (text.startsWith(RewardText.PLUS, at)) {
            at += RewardText.PLUS.length();
            terms.add(term(stops));
        }
        return terms.size() == 1 ? terms.get(0) : new RewardTerm.Sum(List.copyOf(terms));
    }

    private RewardTerm term(String stops) {
        int number = numberEnd();
        if (number > at && number < text.length() && text.charAt(number) == '*') {
            double factor = number(number);
            at = number + 1;
            return new RewardTerm.Scaled(factor, term(stops));
        }
        return factor(stops);
    }

    private RewardTerm factor(String stops) {
        for (RewardTerm.Pooling pooling : RewardTerm.Pooling.values()) {
            if (text.startsWith(pooling.opening(), at)) {
                at += pooling.opening().length();
                return pooled(pooling);
            }
        }
        if (text.startsWith(LENGTH, at) && endsAt(at + LENGTH.length(), stops)) {
            at += LENGTH.length();
            return new RewardTerm.Length();
        }
        int colon = text.indexOf(':', at);
        String kind = colon < 0 ? "" : text.substring(at, colon);
        if (!kind.matches("[a-z]+")) {
            throw RewardExpression.unknown("", text);
        }
        at = colon + 1;
        return atom(kind, argument(kind, stops));
    }

    /** {@code min(NUMBER,REWARD)} caps; all else is a list of rewards, of which one number is made. */
    private RewardTerm pooled(RewardTerm.Pooling pooling) {
        int end = numberEnd();
        boolean isNumber = end > at && (end == text.length() || text.charAt(end) != '*');
        double number = 1;
        if (isNumber) {
            number = number(end);
            at = end;
            expect(',', "min(NUMBER,REWARD) has a comma behind the number");
        }
        if (isNumber && pooling == RewardTerm.Pooling.MIN) {
            RewardTerm capped = sum(RewardText.IN_CAP);
            expect(')', "min(NUMBER,REWARD) is closed by a parenthesis");
            return new RewardTerm.Capped(number, capped);
        }
        if (isNumber && pooling == RewardTerm.Pooling.MEAN) {
            throw wrong("mean(REWARD,REWARD) is of rewards alone");
        }
        List<RewardTerm> members = new ArrayList<>();
        members.add(sum(RewardText.IN_LIST));
        while (at < text.length() && text.charAt(at) == ',') {
            at++;
            members.add(sum(RewardText.IN_LIST));
        }
        expect(')', pooling.opening() + "…) is closed by a parenthesis");
        if (members.size() == 1) {
            throw wrong(pooling.opening() + "…) takes several rewards, with commas between"
                    + (pooling == RewardTerm.Pooling.MIN ? ", or a number and a reward" : ""));
        }
        return new RewardTerm.Ensemble(pooling, number, List.copyOf(members));
    }

    private boolean endsAt(int position, String stops) {
        return position == text.length()
                || text.startsWith(RewardText.PLUS, position)
                || stops.indexOf(text.charAt(position)) >= 0;
    }

    private RewardTerm atom(String kind, String argument) {
        return switch (kind) {
            case "field" -> new RewardTerm.FieldValue(argument);
            case "regex" -> new RewardTerm.Found(pattern(argument));
            case "count" -> new RewardTerm.Count(pattern(argument));
            case "contains" -> new RewardTerm.Contains(argument);
            case "lexicon" -> Lexicon.read(argument);
            case "class" -> new RewardTerm.OfClass(argument, function(argument));
            default -> together(kind, argument);
        };
    }

    private RewardTerm together(String kind, String argument) {
        if (argument.indexOf('\0') >= 0) {
            throw wrong("no name of a file, program or address holds a NUL character");
        }
        if (kinds == Kinds.TOGETHER && kind.equals("command")) {
            return new CommandReward(argument);
        }
        if (kinds == Kinds.TOGETHER && kind.matches("https?")) {
            return HttpReward.of(kind, argument, this::wrong);
        }
        return RewardKind.byWord(kind)
                .<RewardTerm>map(found -> new RewardTerm.OfKind(kind, argument, found.of(argument)))
                .orElseThrow(() -> RewardExpression.unknown(kind, text));
    }

    private String argument(String kind, String stops) {
        String argument;
        if (at < text.length() && text.charAt(at) == '"') {
            argument = quotedArgument();
        } else {
            int end = RewardText.end(text, at, stops);
            argument = text.substring(at, end);
            at = end;
        }
        if (argument.isEmpty()) {
            throw wrong(kind + ": has something behind the colon");
        }
        return argument;
    }

    private String quotedArgument() {
        StringBuilder inside = new StringBuilder();
        for (int i = at + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"') {
                at = i + 1;
                return inside.toString();
            }
            if (c == '\\' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                i++;
                c = '"';
            }
            inside.append(c);
        }
        throw wrong("a quote that is opened is closed");
    }

    private Pattern pattern(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw wrong("the pattern is a regular expression of Java (" + e.getDescription() + " near index "
                    + e.getIndex() + ")");
        }
    }

    private RewardFunction function(String name) {
        try {
            // Nothing of a class runs before it is known to be a reward: worlds of others may name one.
            Class<?> found = Class.forName(name, false, Thread.currentThread().getContextClassLoader());
            if (!RewardFunction.class.isAssignableFrom(found)) {
                throw wrong("class " + name + " implements " + RewardFunction.class.getName());
            }
            return (RewardFunction) found.getDeclaredConstructor().newInstance();
        } catch (ClassNotFoundException e) {
            throw wrong("class " + name + " is on the class path");
        } catch (ReflectiveOperationException e) {
            throw wrong("class " + name + " has a public constructor without parameters that works (" + e + ")");
        }
    }

    private int numberEnd() {
        int end = at;
        while (end < text.length() && "+-.0123456789eE".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        return end;
    }

    private double number(int end) {
        String digits = text.substring(at, end);
        try {
            return NumberText.parse(digits);
        } catch (NumberFormatException e) {
            boolean isOutOfRange = String.valueOf(e.getMessage()).contains("out of range");
            throw wrong("\"" + digits + "\" must be a "
                    + (isOutOfRange ? "finite number that a double can hold" : "number"));
        }
    }

    private void expect(char wanted, String rule) {
        if (at >= text.length() || text.charAt(at) != wanted) {
            throw wrong(rule);
        }
        at++;
    }

    private InputException wrong(String rule) {
        return InputException.ofSetting("reward", text, rule);
    }
}
