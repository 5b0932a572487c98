package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.OveroptimisationCurve.Form;
import dev.credence.lab.experiments.LearntProxies.Path;
import dev.credence.lab.experiments.LearntProxies.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** What the paths of learnt proxies come to over seeds: figures with intervals, tables, pictures and what follows. */
final class LearntProxiesReport {
    private static final Map<String, String> METHODS = new LinkedHashMap<>(); // by what stands behind a size

    static {
        METHODS.put("", "conditioning");
        METHODS.put(".bon", "best-of-n");
        METHODS.put(".filter", "tuning on what a filter passes");
    }

    private final ExperimentSettings settings;
    private final int[] widths;

    LearntProxiesReport(ExperimentSettings settings) {
        this.settings = settings;
        this.widths = Arrays.stream(settings.counts("transformer.widths"))
                .sorted()
                .distinct()
                .toArray();
    }

    private int fewest() {
        return Arrays.stream(settings.counts("transformer.pairs")).min().orElseThrow();
    }

    private int most() {
        return Arrays.stream(settings.counts("transformer.pairs")).max().orElseThrow();
    }

    /** Puts all figures; returned is what follows. */
    String report(List<Seed> seeds, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Learnt proxies: gold along conditioning's path, gained over the prior, mean over seeds",
                "proxy",
                "accuracy",
                "mass on no text at the far end",
                "α",
                "β",
                "peak, √nat",
                "peak, reward",
                "at the far end",
                "hump");
        for (String name : seeds.get(0).paths().keySet()) {
            boolean isSize = name.startsWith("size.");
            put(
                    result,
                    seeds,
                    name,
                    ".alpha",
                    "Slope at the start of gold",
                    p -> p.fit(Form.BEST_OF_N).alpha());
            put(
                    result,
                    seeds,
                    name,
                    ".beta",
                    "Bend of gold",
                    p -> p.fit(Form.BEST_OF_N).beta());
            forms(result, seeds, name);
            if (isSize) {
                put(result, seeds, name, ".intercept", "Gold reward where it starts", Path::start);
                if (name.endsWith(".bon") || name.endsWith(".filter")) {
                    put(
                            result,
                            seeds,
                            name,
                            ".departure_share",
                            "Share of the KL in the middle that no conditioning on the proxy explains",
                            Path::middleDeparture);
                }
                continue;
            }
            put(result, seeds, name, ".peak.d", "√KL of the largest gold", Path::peakDistance);
            put(result, seeds, name, ".peak.gold", "Largest gold gained", Path::peak);
            put(result, seeds, name, ".end.gold", "Gold gained at the far end", Path::end);
            put(result, seeds, name, ".hump", "How far gold falls from its largest", p -> p.peak() - p.end());
            String id = "transformer." + name;
            table.row(
                    name,
                    meanOf(seeds, name + ".accuracy"),
                    meanOf(seeds, name + ".outside"),
                    result.estimate(id + ".alpha"),
                    result.estimate(id + ".beta"),
                    result.estimate(id + ".peak.d"),
                    result.estimate(id + ".peak.gold"),
                    result.estimate(id + ".end.gold"),
                    result.estimate(id + ".hump"));
        }
        for (String name : seeds.get(0).figures().keySet()) {
            boolean isShare = name.endsWith("share") || name.endsWith("accuracy") || name.endsWith("outside");
            boolean isKl = name.endsWith("kl");
            SeedInterval interval = SeedInterval.within(
                    seeds.stream()
                            .mapToDouble(seed -> seed.figures().getOrDefault(name, Double.NaN))
                            .toArray(),
                    isShare || isKl ? 0 : Double.NEGATIVE_INFINITY,
                    isShare ? 1 : Double.POSITIVE_INFINITY);
            result.estimated(
                    "transformer." + name, figure(name), interval, isShare ? "share" : isKl ? "nats" : "reward");
        }
        result.table("proxies", table.build());
        result.table("sizes", sizes(result));
        result.table("forms", formsTable(seeds, result));
        differences(seeds, result);
        result.picture(
                picture(
                        seeds,
                        "learnt",
                        "Gold along conditioning's path, learnt proxies",
                        "Each proxy is a reward"
                                + " model of so many pairs; gold is conditioned on itself. Means over seeds, all texts enumerated."));
        result.picture(
                picture(
                        seeds,
                        "sizes",
                        "Policies of three widths on one proxy",
                        "Gold itself, not what is gained:"
                                + " curves that differ in the intercept alone are parallel. Conditioning, and best-of-n, which is none."));
        return words(seeds, result);
    }

    /** Which of the two forms tells points that it was not fitted to. */
    private static void forms(ExperimentResult.Builder result, List<Seed> seeds, String name) {
        put(
                result,
                seeds,
                name,
                ".rl_form.alpha",
                "Slope in the form for RL of gold",
                p -> p.fit(Form.RL).alpha());
        put(
                result,
                seeds,
                name,
                ".rl_form.beta",
                "Bend in the form for RL of gold",
                p -> p.fit(Form.RL).beta());
        if (seeds.stream().anyMatch(seed -> seed.path(name).distance().length < 4)) {
            return;
        }
        put(
                result,
                seeds,
                name,
                ".heldout.tilt",
                "Error of d(α − βd) on held-out points of gold",
                p -> p.heldOut(Form.BEST_OF_N));
        put(
                result,
                seeds,
                name,
                ".heldout.rl",
                "Error of d(α − β log d) on held-out points of gold",
                p -> p.heldOut(Form.RL));
        put(
                result,
                seeds,
                name,
                ".heldout.difference",
                "The second form's error less the first's, of gold",
                p -> p.heldOut(Form.RL) - p.heldOut(Form.BEST_OF_N));
    }

    /** 1 where d(α − βd) surely tells held-out points better, −1 where the form for RL does, else 0. */
    private static int better(ExperimentResult.Builder result, String name) {
        Finding difference = result.figure("transformer." + name + ".heldout.difference");
        return difference.lower() > 0 ? 1 : difference.upper() < 0 ? -1 : 0;
    }

    private static List<String> compared(List<Seed> seeds, ExperimentResult.Builder result) {
        return seeds.get(0).paths().keySet().stream()
                .filter(name -> result.stands("transformer." + name + ".heldout.difference"))
                .toList();
    }

    private static DataTable formsTable(List<Seed> seeds, ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Gao, Schulman and Hilton's two forms on each path: gold gained, and errors on points that were held out",
                "path",
                "α of d(α − βd)",
                "β",
                "error",
                "α of d(α − β log d)",
                "β of it",
                "error of it",
                "better");
        for (String name : compared(seeds, result)) {
            String id = "transformer." + name;
            int better = better(result, name);
            table.row(
                    words(name),
                    result.estimate(id + ".alpha"),
                    result.estimate(id + ".beta"),
                    result.estimate(id + ".heldout.tilt"),
                    result.estimate(id + ".rl_form.alpha"),
                    result.estimate(id + ".rl_form.beta"),
                    result.estimate(id + ".heldout.rl"),
                    better > 0 ? "d(α − βd)" : better < 0 ? "d(α − β log d)" : "not told");
        }
        return table.build();
    }

    /** A path's name in words. */
    private static String words(String name) {
        return name.matches("\\d+")
                ? name + " pairs"
                : name.startsWith("size.")
                        ? "width "
                                + name.replace("size.", "")
                                        .replace(".bon", ", best of n")
                                        .replace(".filter", ", filter")
                        : name.startsWith("reward.")
                                ? "reward model of width " + name.replace("reward.", "")
                                : name.replace('.', ' ').replace('_', ' ');
    }

    private static double meanOf(List<Seed> seeds, String name) {
        return seeds.stream()
                .mapToDouble(seed -> seed.figures().getOrDefault(name, Double.NaN))
                .average()
                .orElse(Double.NaN);
    }

    private static String figure(String name) {
        return switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "accuracy" ->
                "Share of fresh pairs that the proxy of " + name.replace(".accuracy", "") + " pairs foretells?";
            case "outside" ->
                "Mass on what is no text at the far end of conditioning on the proxy of " + name.replace(".outside", "")
                        + " pairs?";
            case "kl" -> "How far RL on the proxy goes, " + name.replace(".rl.kl", "") + "?";
            case "departure_share" ->
                "Share of RL's KL that no conditioning on the proxy explains, "
                        + name.replace(".rl.departure_share", "") + "?";
            case "beside" -> "Gold gained by conditioning at RL's KL, " + name.replace(".rl.beside", "") + "?";
            default -> "Gold gained by RL on the proxy, " + name.replace(".rl.gold", "") + "?";
        };
    }

    private static void put(
            ExperimentResult.Builder result,
            List<Seed> seeds,
            String name,
            String figure,
            String question,
            ToDoubleFunction<Path> of) {
        String path = name.equals("gold")
                ? " conditioned on gold itself"
                : name.endsWith(".bon") || name.endsWith(".filter")
                        ? ", " + words(name)
                        : " of conditioning on the proxy, " + words(name);
        double[] values = seeds.stream()
                .mapToDouble(seed -> of.applyAsDouble(seed.path(name)))
                .toArray();
        String unit = figure.endsWith("share")
                ? "share"
                : figure.endsWith("alpha")
                        ? "reward/√nat"
                        : figure.endsWith("beta") ? "reward/nat" : figure.endsWith(".d") ? "√nat" : "reward";
        boolean isPositive = List.of(".hump", ".peak.d", ".departure_share", ".heldout.tilt", ".heldout.rl")
                .contains(figure);
        double least = isPositive ? 0 : Double.NEGATIVE_INFINITY;
        double most = figure.endsWith("share") ? 1 : Double.POSITIVE_INFINITY;
        SeedInterval interval = SeedInterval.within(values, least, most);
        if (figure.equals(".peak.d")
                && interval.upper() - interval.lower() < 1e-9) { // seeds that agree do so on the grid alone
            double[] at = seeds.get(0).path(name).distance();
            double step = at.length > 1 ? at[at.length - 1] - at[at.length - 2] : at[0];
            interval = new SeedInterval(interval.mean() - step, interval.mean(), interval.mean() + step)
                    .bounded(least, most);
        }
        result.estimated("transformer." + name + figure, question + path + "?", interval, unit);
    }

    private DataTable sizes(ExperimentResult.Builder result) {
        DataTable.Builder table = DataTable.of(
                "Policies of several widths on the proxy of the most pairs",
                "width",
                "method",
                "intercept",
                "α",
                "β",
                "RL: KL, nats",
                "RL: gold gained",
                "conditioning at that KL",
                "departure");
        for (int width : widths) {
            String id = "transformer.size." + width;
            table.row(
                    width,
                    "conditioning",
                    result.estimate(id + ".intercept"),
                    result.estimate(id + ".alpha"),
                    result.estimate(id + ".beta"),
                    result.estimate(id + ".rl.kl"),
                    result.estimate(id + ".rl.gold"),
                    result.estimate(id + ".rl.beside"),
                    result.estimate(id + ".rl.departure_share"));
            table.row(
                    width,
                    "best of n",
                    result.estimate(id + ".bon.intercept"),
                    result.estimate(id + ".bon.alpha"),
                    result.estimate(id + ".bon.beta"),
                    null,
                    null,
                    null,
                    result.estimate(id + ".bon.departure_share"));
            table.row(
                    width,
                    "filter",
                    result.estimate(id + ".filter.intercept"),
                    result.estimate(id + ".filter.alpha"),
                    result.estimate(id + ".filter.beta"),
                    null,
                    null,
                    null,
                    result.estimate(id + ".filter.departure_share"));
        }
        return table.build();
    }

    /** The largest policy's curve less the smallest's, seed by seed. */
    private void differences(List<Seed> seeds, ExperimentResult.Builder result) {
        String small = "size." + widths[0];
        String large = "size." + widths[widths.length - 1];
        for (String method : METHODS.keySet()) {
            for (String part : new String[] {"intercept", "alpha", "beta"}) {
                ToDoubleFunction<Path> of = path -> part.equals("intercept")
                        ? path.start()
                        : part.equals("alpha")
                                ? path.fit(Form.BEST_OF_N).alpha()
                                : path.fit(Form.BEST_OF_N).beta();
                double[] values = seeds.stream()
                        .mapToDouble(seed -> of.applyAsDouble(seed.paths().get(large + method))
                                - of.applyAsDouble(seed.paths().get(small + method)))
                        .toArray();
                result.estimated(
                        "transformer.sizes" + method + "." + part,
                        "How much more is the " + part + " of the widest policy than of the narrowest" + ", by "
                                + METHODS.get(method) + "?",
                        SeedInterval.of(values),
                        part.equals("intercept") ? "reward" : part.equals("alpha") ? "reward/√nat" : "reward/nat");
            }
        }
    }

    private Picture picture(List<Seed> seeds, String id, String title, String caption) {
        boolean isSizes = id.equals("sizes");
        List<Picture.Series> series = new ArrayList<>();
        for (String name : seeds.get(0).paths().keySet()) {
            if (name.startsWith("size.") != isSizes || name.endsWith(".filter")) {
                continue; // filters are in the table: nine lines cannot be told apart
            }
            int points = seeds.stream()
                    .mapToInt(seed -> seed.path(name).distance().length)
                    .min()
                    .orElse(0);
            double[] x = new double[points];
            double[] y = new double[points];
            for (Seed seed : seeds) {
                Path path = seed.path(name);
                for (int i = 0; i < points; i++) {
                    x[i] += path.distance()[i] / seeds.size();
                    y[i] += (path.gold()[i] + (isSizes ? path.start() : 0)) / seeds.size();
                }
            }
            series.add(Picture.Series.line(words(name), x, y));
        }
        return Picture.of(
                id, title, caption, Picture.Axis.linear("√KL, √nat"), Picture.Axis.linear("gold reward"), series);
    }

    private String words(List<Seed> seeds, ExperimentResult.Builder result) {
        String few = "transformer." + fewest();
        String many = "transformer." + most();
        Finding fall = result.figure(few + ".hump");
        Finding end = result.figure(many + ".end.gold");
        if (!seeds.get(0).paths().containsKey("gold")) {
            return " On transformers there is no gold either: whatever a proxy learnt, nothing is gained or lost.";
        }
        Finding own = result.figure("transformer.gold.end.gold");
        String ensemble = List.of("mean", "min", "mean_variance").stream()
                .max(Comparator.comparingDouble(kind -> result.estimate("transformer.ensemble." + kind + ".end.gold")))
                .orElse("mean");
        Finding pooled = result.figure("transformer.ensemble." + ensemble + ".end.gold");
        Finding alone = result.figure(few + ".end.gold");
        String help = pooled.lower() > alone.upper()
                ? "more than"
                : pooled.upper() < alone.lower() ? "less than" : "which these seeds do not tell from";
        return " On transformers (" + seeds.size() + " seeds), along conditioning's exact path on a proxy learnt from "
                + fewest() + " pairs, gold is largest at √KL = " + FigureFormat.of(result.estimate(few + ".peak.d"))
                + " and falls by " + SeedInterval.words(fall) + " beyond; learnt from " + most() + " it ends at "
                + SeedInterval.words(end) + " where gold itself gives " + SeedInterval.words(own) + ", with "
                + SeedInterval.words(result.figure(many + ".outside"))
                + " of its mass on what is no text and no pair was of"
                + ".\nThe best ensemble of as few pairs (" + ensemble.replace('_', ' ') + ") ends at "
                + SeedInterval.words(pooled) + ", " + help + " the single proxy's " + SeedInterval.words(alone) + "."
                + rewardsInWords(result) + formsInWords(seeds, result) + sizesInWords(result) + rlInWords(result);
    }

    private String sizesInWords(ExperimentResult.Builder result) {
        String own = told(result, "");
        StringBuilder words = new StringBuilder("\nFrom the narrowest policy to the widest the intercept moves by "
                + SeedInterval.words(result.figure("transformer.sizes.intercept")));
        METHODS.forEach((method, name) -> words.append(method.isEmpty() ? ", and by " : "; by ")
                .append(name)
                .append(" α moves by ")
                .append(SeedInterval.words(result.figure("transformer.sizes" + method + ".alpha")))
                .append(" and β by ")
                .append(SeedInterval.words(result.figure("transformer.sizes" + method + ".beta")))
                .append(": ")
                .append(told(result, method)));
        String widest = "transformer.size." + widths[widths.length - 1];
        boolean alike = METHODS.keySet().stream()
                .allMatch(method -> told(result, method).equals(own));
        return words + ".\nBest-of-n and the filter are no conditioning on the proxy ("
                + SeedInterval.words(result.figure(widest + ".bon.departure_share")) + " and "
                + SeedInterval.words(result.figure(widest + ".filter.departure_share"))
                + " of their KL is departure in the middle), "
                + (alike
                        ? "and show the same, so that this pattern does not tell conditioning from what is none."
                        : "and the pattern is not the same for all three: " + differing(result, own) + ".");
    }

    private static String differing(ExperimentResult.Builder result, String own) {
        return String.join(
                        " and ",
                        METHODS.keySet().stream()
                                .filter(method -> !told(result, method).equals(own))
                                .map(METHODS::get)
                                .toList())
                + " against conditioning";
    }

    /** Whether sizes differ in the intercept alone. */
    private static String told(ExperimentResult.Builder result, String method) {
        String id = "transformer.sizes" + method;
        boolean steady = holdsZero(result.figure(id + ".alpha")) && holdsZero(result.figure(id + ".beta"));
        return !steady
                ? "the curve differs, not the intercept alone"
                : holdsZero(result.figure(id + ".intercept"))
                        ? "none differs surely"
                        : "the intercept alone surely differs";
    }

    private String formsInWords(List<Seed> seeds, ExperimentResult.Builder result) {
        List<String> all = compared(seeds, result);
        if (all.isEmpty()) {
            return "";
        }
        long tilt = all.stream().filter(name -> better(result, name) > 0).count();
        long rl = all.stream().filter(name -> better(result, name) < 0).count();
        String many = "transformer." + most();
        return "\nOf Gao's two forms d(α − βd) foretells held-out points surely better on " + tilt + " of " + all.size()
                + " paths, d(α − β log d) on " + rl + "; along conditioning on the proxy of " + most()
                + " pairs their errors are " + SeedInterval.words(result.figure(many + ".heldout.tilt")) + " and "
                + SeedInterval.words(result.figure(many + ".heldout.rl")) + ".";
    }

    /** What the width of a reward model is worth, at the most pairs. */
    private String rewardsInWords(ExperimentResult.Builder result) {
        if (widths.length < 2) {
            return "";
        }
        Finding narrow = result.figure("transformer.reward." + widths[0] + ".end.gold");
        Finding wide = result.figure("transformer." + most() + ".end.gold");
        boolean told = narrow.upper() < wide.lower() || wide.upper() < narrow.lower();
        return "\nLearnt from the " + most() + " pairs by a reward model of width " + widths[0] + " and not "
                + widths[widths.length - 1] + ", the proxy leads to " + SeedInterval.words(narrow)
                + (told ? "." : ", which these seeds do not tell from the wider one's end.");
    }

    private static boolean holdsZero(Finding finding) {
        return finding.lower() <= 0 && finding.upper() >= 0;
    }

    private String rlInWords(ExperimentResult.Builder result) {
        String widest = "transformer.size." + widths[widths.length - 1] + ".rl";
        Finding share = result.figure(widest + ".departure_share");
        return "\nRL trained on the proxy of " + most() + " pairs stops "
                + SeedInterval.words(result.figure(widest + ".kl"))
                + " nats away, " + SeedInterval.words(share) + " of them departure, and gains "
                + SeedInterval.words(result.figure(widest + ".gold")) + " gold where conditioning at that KL gains "
                + SeedInterval.words(result.figure(widest + ".beside")) + ".";
    }
}
