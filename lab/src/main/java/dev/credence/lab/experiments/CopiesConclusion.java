package dev.credence.lab.experiments;

import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.TextBlock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What came of fifty copies, from the figures alone: short paragraphs, and an item a method. */
public final class CopiesConclusion {
    private static final double FIFTY = 0.02;
    private static final double CLOSE = 0.1; // of the nominal number
    private static final double FAITHFUL = 0.95; // Bayes fraction
    private static final Set<String> TO_NOMINAL = Set.of("rloo", "ppo", "dpo"); // whose optimum is 1/β copies

    private CopiesConclusion() {}

    /**
     * The last point of each path.
     *
     * @param points of all paths
     * @return in the order of the paths
     */
    public static List<PathPoint> ends(List<PathPoint> points) {
        Map<String, PathPoint> last = new LinkedHashMap<>();
        for (PathPoint point : points) {
            last.put(point.place() + " " + point.reading() + " " + point.beta() + " " + point.method(), point);
        }
        return new ArrayList<>(last.values());
    }

    /**
     * What follows, place by place.
     *
     * @param outcome the figures
     * @return a paragraph or an item a line, items behind {@value TextBlock#ITEM}
     */
    public static String of(FiftyCopies.Outcome outcome) {
        List<String> lines = new ArrayList<>();
        Set<String> places = new LinkedHashSet<>();
        outcome.points().forEach(point -> places.add(point.place()));
        for (String place : places) {
            List<PathPoint> ends = ends(outcome.points()).stream()
                    .filter(end -> end.place().equals(place))
                    .toList();
            acceptance(place, ends, lines);
            observed(place, outcome.observed(), lines);
        }
        return String.join("\n", lines);
    }

    /** Copies of the acceptance in one place. */
    private static void acceptance(String place, List<PathPoint> ends, List<String> lines) {
        List<PathPoint> trained = ends.stream()
                .filter(end -> end.beta() > 0 && Paths.TRAINED.contains(end.method()))
                .toList();
        if (!trained.isEmpty()) {
            long near = trained.stream().filter(CopiesConclusion::isNear).count();
            long short0 = trained.stream().filter(CopiesConclusion::isShort).count();
            long stopped = trained.stream()
                    .filter(end -> isShort(end) && TO_NOMINAL.contains(end.method()))
                    .count();
            long told = trained.size() - stopped;
            lines.add(String.format(
                    Locale.ROOT,
                    "On %s, %s of %s with a penalty (means over their trainings) ended within 10 %% of their nominal 1/β copies, %s fell"
                            + " short and %s overshot%s.",
                    name(place),
                    count(near),
                    FigureFormat.counted(trained.size(), "setting"),
                    count(short0),
                    count(trained.size() - near - short0),
                    stopped > 0
                            ? ""
                            : ": the coefficient "
                                    + (2 * near > told
                                            ? "mostly says how many copies come out"
                                            : "does not say how many copies come out")));
            if (stopped > 0) {
                String unfinished = trained.stream()
                        .filter(end -> isShort(end) && TO_NOMINAL.contains(end.method()))
                        .map(PathPoint::method)
                        .distinct()
                        .collect(Collectors.joining(", "));
                lines.add(String.format(
                        Locale.ROOT,
                        "%s of those that fell short %s of %s, whose optimum is 1/β copies: the steps were over before"
                                + " training was at its end. They tell how far so many steps go, not what the coefficient"
                                + " comes to.%s",
                        stopped,
                        stopped == 1 ? "is" : "are",
                        unfinished,
                        told == 0
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        " Of the other %s %s ended within 10 %%.",
                                        FigureFormat.counted(told, "setting"),
                                        count(near))));
            }
        }
        double beta = nearFifty(ends);
        List<PathPoint> asked = ends.stream()
                .filter(end -> end.beta() == beta && end.reading().equals(reading(ends)))
                .toList();
        if (!asked.isEmpty() && beta > 0) {
            at(beta, asked, lines);
            faithful(asked, lines);
        }
    }

    private static boolean isNear(PathPoint end) {
        return Math.abs(end.copies() * end.beta() - 1) <= CLOSE;
    }

    private static boolean isShort(PathPoint end) {
        return end.copies() * end.beta() < 1 - CLOSE;
    }

    /** The coefficient nearest to that of fifty copies, of those that ran. */
    private static double nearFifty(List<PathPoint> ends) {
        return ends.stream()
                .map(PathPoint::beta)
                .filter(beta -> beta > 0)
                .min(Comparator.comparingDouble(beta -> Math.abs(Math.log(beta / FIFTY))))
                .orElse(0.0);
    }

    /** Reading c, that of most reward models, where it ran. */
    private static String reading(List<PathPoint> ends) {
        return ends.stream().anyMatch(end -> end.reading().equals("c"))
                ? "c"
                : ends.get(0).reading();
    }

    private static void at(double beta, List<PathPoint> asked, List<String> lines) {
        lines.add(String.format(
                Locale.ROOT,
                "At β = %s, nominally %s %s (reading %s), these were reached:",
                FigureFormat.of(beta),
                FigureFormat.of(1 / beta),
                beta == 1 ? "copy" : "copies",
                asked.get(0).reading()));
        for (PathPoint end : asked) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%s%s: %s %s %s; KL %s nats, Bayes fraction %s",
                    TextBlock.ITEM,
                    end.method(),
                    FigureFormat.of(end.copies()),
                    end.copies() == 1 ? "copy" : "copies",
                    interval(end),
                    FigureFormat.of(end.kl()),
                    FigureFormat.of(end.bayesFraction())));
        }
    }

    private static void faithful(List<PathPoint> asked, List<String> lines) {
        List<String> faithful = new ArrayList<>();
        List<String> other = new ArrayList<>();
        for (PathPoint end : asked) {
            (end.bayesFraction() >= FAITHFUL ? faithful : other).add(end.method());
        }
        String methods = asked.get(0).reading();
        if (other.isEmpty()) {
            lines.add("Each of these ended as a posterior of its reward, for 95 % of its KL or more.");
        } else if (faithful.isEmpty()) {
            lines.add(
                    "None of these ended as a posterior of its reward: less than 95 % of the KL is any number of copies of"
                            + " it.");
        } else {
            lines.add(String.join(", ", faithful)
                    + " ended as a posterior of the reward for 95 % of the KL or more; "
                    + String.join(", ", other)
                    + " did not, whatever the number of copies (reading " + methods + ").");
        }
    }

    /** Copies as observed data in one place. */
    private static void observed(String place, List<DataCopies> all, List<String> lines) {
        List<DataCopies> here =
                all.stream().filter(reading -> reading.place().equals(place)).toList();
        List<DataCopies> optima = here.stream()
                .filter(reading -> reading.method().equals(FiftyCopies.OPTIMUM))
                .toList();
        if (!optima.isEmpty()) {
            double most = optima.stream().mapToDouble(DataCopies::copies).max().orElse(0);
            lines.add(String.format(
                    Locale.ROOT,
                    "Read as data, off a probe that nobody rewarded, the exact optima count as at most %s copies of a good"
                            + " example however small β (exact; residual at most %s nats). %s.",
                    FigureFormat.of(most),
                    FigureFormat.of(optima.stream()
                            .mapToDouble(DataCopies::residual)
                            .max()
                            .orElse(0)),
                    most < 2
                            ? "The penalty sets how surely the output is good, not how much is learned about who writes it"
                            : "The optima carry over to the probe"));
        }
        List<DataCopies> trained = here.stream()
                .filter(reading -> reading.draws() > 0 && reading.beta() == nearest(here))
                .toList();
        if (!trained.isEmpty()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "Policies trained at β = %s, read as data off the same probe:",
                    FigureFormat.of(trained.get(0).beta())));
            trained.forEach(reading -> lines.add(TextBlock.ITEM + data(reading)));
        }
    }

    private static double nearest(List<DataCopies> readings) {
        return readings.stream()
                .filter(reading -> reading.draws() > 0 && reading.beta() > 0)
                .map(DataCopies::beta)
                .min(Comparator.comparingDouble(beta -> Math.abs(Math.log(beta / FIFTY))))
                .orElse(0.0);
    }

    private static String data(DataCopies reading) {
        String copies = reading.reason() != null
                ? "no number of copies"
                : FigureFormat.of(reading.copies()) + " copies "
                        + (reading.draws() == 0 ? "(exact)" : ends(reading.lower(), reading.upper()));
        return String.format(
                Locale.ROOT,
                "%s: %s; %s of %s nats are left over",
                reading.method(),
                copies,
                FigureFormat.of(reading.residual()),
                FigureFormat.of(reading.unread()));
    }

    private static String interval(PathPoint end) {
        return end.isExact()
                ? "(exact)"
                : end.lower() < end.upper() ? ends(end.lower(), end.upper()) : "(no interval: one seed, or all alike)";
    }

    private static String ends(double lower, double upper) {
        return "[" + FigureFormat.of(lower) + ", " + FigureFormat.of(upper) + "]";
    }

    private static String name(String place) {
        return place.equals(TablePlace.NAME) ? "a table" : "the transformer " + place;
    }

    private static String count(long number) {
        return number == 0 ? "none" : Long.toString(number);
    }
}
