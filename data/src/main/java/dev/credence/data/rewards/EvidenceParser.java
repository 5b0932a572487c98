package dev.credence.data.rewards;

import dev.credence.core.evidence.Evidence;
import dev.credence.core.evidence.RewardLikelihood;
import dev.credence.core.provenance.InputException;
import dev.credence.core.provenance.NumberText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes an evidence expression apart; the grammar is in {@link EvidenceExpression}. */
final class EvidenceParser {
    static final String FORMS = "a reward's name, probability:NAME, level:X, at-least:X, range:LOW,HIGH, top:SHARE,"
            + " beats:N, pool:K, raters:N, prompt:TEXT, or an event such as contains:TEXT or regex:PATTERN";

    private static final String AND = " and ";
    private static final String OF = " of ";
    private static final Pattern COPIES =
            Pattern.compile("(?s)([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)\\*(.*)");
    /** Kinds of rewards that are no events. */
    private static final Set<String> REWARDS =
            Set.of("field", "count", "lexicon", "class", "command", "http", "https", "model", "table");

    private final String text;
    private EvidenceTerm.Place place;
    private int at; // where the term begins

    EvidenceParser(String text) {
        this.text = text;
        this.place = new EvidenceTerm.Place(text, text, 1, 1);
    }

    List<EvidenceTerm> parse() {
        List<Integer> starts = starts();
        List<EvidenceTerm> terms = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            at = starts.get(i);
            int end = i + 1 < starts.size() ? starts.get(i + 1) - AND.length() : text.length();
            String own = text.substring(at, end);
            place = new EvidenceTerm.Place(text, own, i + 1, starts.size());
            if (own.isBlank() && starts.size() > 1) {
                throw wrong("a term stands on both sides of ' and '");
            }
            terms.add(copies(own));
        }
        return terms;
    }

    /** Where terms begin: behind each {@code " and "} that no quotes hold. A quote opens directly behind a colon. */
    private List<Integer> starts() {
        List<Integer> starts = new ArrayList<>(List.of(0));
        boolean inQuotes = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (inQuotes && c == '\\') {
                i += text.startsWith("\"", i + 1) ? 1 : 0;
            } else if (inQuotes) {
                inQuotes = c != '"';
            } else if (c == '"' && i > 0 && text.charAt(i - 1) == ':') {
                inQuotes = text.indexOf('"', i + 1) > 0;
            } else if (text.startsWith(AND, i)) {
                i += AND.length() - 1;
                starts.add(i + 1);
            }
        }
        return starts;
    }

    private EvidenceTerm copies(String own) {
        Matcher matcher = COPIES.matcher(own);
        if (!matcher.matches()) {
            return term(1, own);
        }
        double n;
        try {
            n = NumberText.parse(matcher.group(1));
        } catch (NumberFormatException e) {
            throw wrong("'" + matcher.group(1) + "' must be a finite number of copies");
        }
        return term(n, matcher.group(2));
    }

    private EvidenceTerm term(double n, String body) {
        int colon = body.indexOf(':');
        String kind = colon < 0 ? "" : body.substring(0, colon).toLowerCase(Locale.ROOT);
        String argument = body.substring(colon + 1);
        return switch (kind) {
            case "" -> tilt(n, body);
            case "reward" -> tilt(n, argument);
            case "prompt" -> {
                String begin = unquoted(argument);
                yield new EvidenceTerm.OfTexts(place, n, Evidence.prompt(begin), begunWith(begin));
            }
            case "contains", "regex" -> new EvidenceTerm.OfTexts(place, n, Evidence.positive(body, event(body)), body);
            case "probability" ->
                new EvidenceTerm.OfReward(
                        place,
                        n,
                        EvidenceTerm.Kind.PROBABILITY,
                        argument.isEmpty() ? null : argument,
                        RewardLikelihood::copies);
            default ->
                REWARDS.contains(kind) || kind.matches("(?s)(min|mean|mean-variance)\\(.*")
                        ? tilt(n, body)
                        : observed(n, kind, argument);
        };
    }

    private static RewardExpression event(String body) {
        return InputException.reading("evidence", () -> RewardExpression.parse(body));
    }

    /** The reward that is 1 on texts with such a beginning, and 0 on others. */
    private static String begunWith(String begin) {
        return "regex:" + RewardText.quoted("^" + Pattern.quote(begin));
    }

    private EvidenceTerm tilt(double n, String reward) {
        return new EvidenceTerm.OfReward(
                place, n, EvidenceTerm.Kind.TILT, reward.isEmpty() ? null : reward, RewardLikelihood::tilt);
    }

    /** What a number, or two, say of a reward. */
    private EvidenceTerm observed(double n, String kind, String argument) {
        int of = argument.indexOf(OF);
        String numbers = of < 0 ? argument : argument.substring(0, of);
        String reward = of < 0 ? null : argument.substring(of + OF.length());
        for (EvidenceTerm.Kind known : EvidenceTerm.Kind.values()) {
            if (known.word().equals(kind)) {
                RewardLikelihood likelihood = likelihood(known, numbers);
                return about(n, known, reward, copies -> likelihood);
            }
        }
        throw wrong("it is " + FORMS);
    }

    private EvidenceTerm about(
            double n, EvidenceTerm.Kind kind, @Nullable String reward, DoubleFunction<RewardLikelihood> likelihood) {
        if (reward != null && reward.isBlank()) {
            throw wrong("' of ' has a reward behind it");
        }
        return new EvidenceTerm.OfReward(place, n, kind, reward, likelihood);
    }

    private RewardLikelihood likelihood(EvidenceTerm.Kind kind, String numbers) {
        try {
            return switch (kind) {
                case LEVEL -> RewardLikelihood.level(number(numbers));
                case AT_LEAST -> RewardLikelihood.atLeast(number(numbers));
                case RANGE -> range(numbers.split(",", -1));
                case TOP -> RewardLikelihood.topQuantile(number(numbers));
                case BEATS -> RewardLikelihood.beats(number(numbers));
                case POOL -> RewardLikelihood.lucePool(number(numbers));
                case RATERS -> RewardLikelihood.poissonRaters(number(numbers));
                case TILT, PROBABILITY -> throw new IllegalStateException("they have no number");
            };
        } catch (InputException e) {
            throw e;
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private RewardLikelihood range(String[] ends) {
        if (ends.length != 2) {
            throw wrong("a range is range:LOW,HIGH");
        }
        return RewardLikelihood.range(number(ends[0]), number(ends[1]));
    }

    private double number(String written) {
        try {
            return NumberText.parse(written.trim());
        } catch (NumberFormatException e) {
            throw wrong("'" + written + "' is not a number");
        }
    }

    /** What stands between quotes, where the argument begins with one. */
    private String unquoted(String argument) {
        if (!argument.startsWith("\"")) {
            return argument;
        }
        if (argument.length() < 2 || !argument.endsWith("\"")) {
            throw wrong("a quote that is opened is closed");
        }
        return argument.substring(1, argument.length() - 1).replace("\\\"", "\"");
    }

    private InputException wrong(String rule) {
        return place.wrong(at, rule);
    }
}
