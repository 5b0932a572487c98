package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.diagnostics.BestOfNEstimator;
import dev.credence.core.figures.DataTable;
import dev.credence.core.figures.FigureFormat;
import dev.credence.core.figures.Picture;
import dev.credence.core.posterior.OveroptimisationCurve;
import dev.credence.core.posterior.OveroptimisationCurve.Form;
import dev.credence.core.provenance.InputException;
import dev.credence.lab.runs.Listener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.hipparchus.distribution.continuous.NormalDistribution;

/**
 * A proxy reward optimised too far (Gao, Schulman and Hilton 2022), in a world where every curve has a formula: a text's quality x is
 * standard normal, its gold reward a·x − c·(x² − 1), its proxy reward x plus noise (docs/theory.md, over-optimisation).
 */
public final class OverOptimisation implements Experiment {
    private static final NormalDistribution NORMAL = new NormalDistribution(0, 1);
    private static final int POOLS = 20; // independent, so that their spread is the estimate's error
    private static final double ROUNDING = 1e-12; // of the gold reward
    private static final double FAR = 14; // deviations; beyond them the largest of a billion draws never lies
    private static final int STEPS = 28_000; // of Simpson's rule

    /** For the service loader. */
    public OverOptimisation() {}

    @Override
    public String name() {
        return "over-optimisation";
    }

    @Override
    public String question() {
        return "How far can a proxy reward be optimised before the gold reward falls, and is the fall a departure from conditioning?";
    }

    @Override
    public List<String> related() {
        return List.of("implicit-kl", "fifty-copies");
    }

    @Override
    public List<KeyFigure> keyFigures(ExperimentSettings settings) {
        double a = settings.number("gold.linear");
        double c = settings.number("gold.square");
        boolean plain = settings.number("noise") == 0 && c > 0 && a > 0;
        int most = Arrays.stream(settings.counts("transformer.pairs")).max().orElseThrow();
        int draws = Arrays.stream(settings.counts("n")).max().orElseThrow();
        return List.of(
                KeyFigure.of(
                                "√KL of the largest gold",
                                "peak.d",
                                "α/2β" + (plain ? " = " + FigureFormat.of(Math.sqrt(2) * a / (4 * c)) : ""))
                        .onTransformers("transformer." + most + ".peak.d"),
                KeyFigure.of("KL of the best of " + draws, "bon." + draws + ".kl", "log n − (n−1)/n")
                        .expecting("bon." + draws + ".kl_formula"),
                KeyFigure.of("share of best-of-n's KL that is departure", "departure.share", "above 0")
                        .onTransformers("transformer.size."
                                + Arrays.stream(settings.counts("transformer.widths"))
                                        .max()
                                        .orElseThrow()
                                + ".bon.departure_share"));
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> keys = new ArrayList<>(List.of(
                ExperimentKey.number(
                        "gold.linear", "0.5", -1e3, 1e3, "a: how much of the gold reward the quality x is"),
                ExperimentKey.number(
                        "gold.square", "0.05", 0, 1e3, "c: how much too much quality takes back; 0 for no fall"),
                ExperimentKey.number("noise", "0", 0, 1e3, "standard deviation of the proxy's error"),
                ExperimentKey.wholes("n", "1,4,16,64,256", 1, 100_000, "draws that best-of-n picks from"),
                ExperimentKey.numbers(
                        "distances",
                        "0.25,0.5,1,1.5,2,3,4,5,6",
                        1e-3,
                        30,
                        "√KL at which the path of conditioning is looked at"),
                ExperimentKey.whole(
                        "pool", 40_000, 40, 10_000_000, "draws that best-of-n's gold reward is estimated from"),
                ExperimentKey.numbers(
                        "params",
                        "3e6,12e6,85e6,300e6,1.2e9,3e9",
                        1e5,
                        1e12,
                        "sizes of reward models whose published curves are shown beside, read off a figure by others"),
                ExperimentKey.seed()));
        keys.addAll(LearntProxies.settings());
        return keys;
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        return LearntProxies.standards(effort);
    }

    /**
     * The world.
     *
     * @param linear a
     * @param square c
     * @param noise τ
     */
    private record World(double linear, double square, double noise) {
        /** The proxy's variance. */
        double variance() {
            return 1 + noise * noise;
        }

        /** Gold reward of texts whose proxy, in its own deviations, has these first two moments. */
        double gold(double mean, double secondMoment) {
            double v = variance();
            double quality = mean / Math.sqrt(v);
            double squared = secondMoment / v + noise * noise / v;
            return linear * quality - square * (squared - 1);
        }

        /** Gold reward at √KL = d from the prior, conditioned on the proxy: its mean moves by √2 d deviations, its spread stays. */
        double conditioned(double d) {
            double mean = Math.sqrt(2) * d;
            return gold(mean, mean * mean + 1);
        }
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) {
        World world =
                new World(settings.number("gold.linear"), settings.number("gold.square"), settings.number("noise"));
        ExperimentResult.Builder result = ExperimentResult.builder();
        fits(settings, world, result);
        bestOf(settings, world, result, listener);
        published(settings, result);
        String learnt = LearntProxies.run(settings, result, listener);
        return result.conclude(
                conclusion(settings, result),
                learnt,
                "The world's reward is a normal number with two terms: which proxy fails where, for reward models of language,"
                        + " is measured by training them. Published coefficients were read off a figure and are bands, not"
                        + " tolerances.");
    }

    private static void fits(ExperimentSettings settings, World world, ExperimentResult.Builder result) {
        double[] distances = settings.numbers("distances");
        if (distances.length < 4) {
            throw InputException.ofSetting(
                    "distances", settings.text("distances"), "at least four, to fit and to hold out");
        }
        if (IntStream.iterate(0, i -> i < distances.length, i -> i + 2)
                        .mapToDouble(i -> distances[i])
                        .distinct()
                        .count()
                < 2) {
            throw InputException.ofSetting(
                    "distances",
                    settings.text("distances"),
                    "the first, third, fifth, … are fitted and the others held out: the fitted ones must differ");
        }
        double[] gold = new double[distances.length];
        double[] proxy = new double[distances.length];
        for (int i = 0; i < distances.length; i++) {
            gold[i] = world.conditioned(distances[i]);
            proxy[i] = Math.sqrt(2 * world.variance()) * distances[i];
        }
        OveroptimisationCurve tilt = OveroptimisationCurve.fit(Form.BEST_OF_N, distances, gold);
        String path = " of conditioning's path, R = d(α − βd)?";
        result.exact("fit.tilt.alpha", "Slope at the start" + path, tilt.alpha(), "reward/√nat");
        result.exact("fit.tilt.beta", "Bend" + path, tilt.beta(), "reward/nat");
        boolean falls = world.square > 0 && world.linear > 0;
        double peak = falls ? tilt.peakDistance() : world.linear > 0 ? Double.POSITIVE_INFINITY : 0;
        result.exact("peak.d", "√KL at which the gold reward is largest?", peak, "√nat");
        double best = falls ? tilt.at(peak) : world.linear > 0 ? Double.POSITIVE_INFINITY : 0;
        result.exact("peak.gold", "And how large is it there?", best, "reward");
        OveroptimisationCurve rl = OveroptimisationCurve.fit(Form.RL, distances, gold);
        result.exact("fit.rl.alpha", "Slope of the form for RL, R = d(α − β log d)?", rl.alpha(), "reward/√nat");
        result.exact("fit.rl.beta", "Bend of the form for RL?", rl.beta(), "reward/√nat");
        double ofTilt = heldOut(Form.BEST_OF_N, distances, gold);
        double ofRl = heldOut(Form.RL, distances, gold);
        Finding better = new Finding(
                "better_form",
                "Which form foretells points that were held out: d(α − βd) (1) or d(α − β log d) (0)?",
                ofTilt <= ofRl ? 1 : 0,
                ofTilt <= ofRl ? 1 : 0,
                ofTilt <= ofRl ? 1 : 0,
                Grade.EXACT,
                "",
                null,
                null);
        double size = Arrays.stream(gold).map(Math::abs).max().orElse(0);
        boolean alike = Math.abs(ofTilt - ofRl) <= ROUNDING * size;
        result.finding(alike ? better.withdrawn("both foretell them to rounding: nothing bends") : better);
        result.exact("heldout.tilt", "Error of d(α − βd) on points that were held out?", ofTilt, "reward");
        result.exact("heldout.rl", "Error of d(α − β log d) on points that were held out?", ofRl, "reward");
        result.exact("departure.share.tilt", "Share of conditioning's KL that is departure?", 0, "share");
        DataTable.Builder table =
                DataTable.of("Conditioning on the proxy", "d, √nat", "KL, nats", "proxy", "gold", "fit", "form for RL");
        for (int i = 0; i < distances.length; i++) {
            table.row(
                    distances[i],
                    distances[i] * distances[i],
                    proxy[i],
                    gold[i],
                    tilt.at(distances[i]),
                    rl.at(distances[i]));
        }
        result.table("conditioning", table.build());
        result.picture(Picture.of(
                "paths",
                "Gold and proxy along conditioning's path",
                "The proxy only rises. The gold reward has a hump where it has a square term.",
                Picture.Axis.linear("√KL, √nat"),
                Picture.Axis.linear("reward"),
                List.of(Picture.Series.line("gold", distances, gold), Picture.Series.line("proxy", distances, proxy))));
    }

    /** Root mean square error on every second point of a curve fitted to the others. */
    static double heldOut(Form form, double[] distances, double[] gold) {
        int fitted = (distances.length + 1) / 2;
        double[] x = new double[fitted];
        double[] y = new double[fitted];
        for (int i = 0; i < fitted; i++) {
            x[i] = distances[2 * i];
            y[i] = gold[2 * i];
        }
        OveroptimisationCurve curve = OveroptimisationCurve.fit(form, x, y);
        double square = 0;
        int count = 0;
        for (int i = 1; i < distances.length; i += 2) {
            double error = curve.at(distances[i]) - gold[i];
            square += error * error;
            count++;
        }
        return Math.sqrt(square / count);
    }

    private static void bestOf(
            ExperimentSettings settings, World world, ExperimentResult.Builder result, Listener listener) {
        int[] all = settings.counts("n");
        int pool = settings.count("pool") / POOLS;
        double[][] proxy = new double[POOLS][pool];
        double[][] gold = new double[POOLS][pool];
        draw(world, settings.whole("seed"), proxy, gold);
        DataTable.Builder table = DataTable.of(
                "Best of n by proxy",
                "n",
                "KL, nats",
                "log n − (n−1)/n",
                "gold",
                "gold, estimated",
                "from",
                "to",
                "departure",
                "share");
        double[] d = new double[all.length];
        double[] exact = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            int n = all[i];
            if (n > pool) {
                throw InputException.ofSetting(
                        "pool", settings.text("pool"), "it must be at least " + (long) POOLS * n + " for n of " + n);
            }
            Largest largest = Largest.of(n);
            double kl = largest.kl();
            double departure = Math.max(0, kl - largest.mean * largest.mean / 2);
            double share = n == 1 ? 0 : departure / kl;
            SeedInterval estimate = estimate(n, proxy, gold);
            exact[i] = world.gold(largest.mean, largest.secondMoment);
            d[i] = Math.sqrt(kl);
            String id = "bon." + n;
            result.exact(id + ".kl", "How far is the best of " + n + " from the prior?", kl, "nats");
            result.exact(
                    id + ".kl_formula",
                    "By log n − (n−1)/n, which is a bound where draws tie?",
                    OveroptimisationCurve.bestOfNKl(n),
                    "nats");
            result.estimated(id + ".gold", "Its gold reward, estimated from a pool of draws?", estimate, "reward");
            result.exact(id + ".gold_exact", "Its gold reward?", exact[i], "reward");
            result.exact(
                    id + ".departure_share",
                    "Share of its KL that no conditioning on the proxy explains?",
                    share,
                    "share");
            table.row(
                    n,
                    kl,
                    OveroptimisationCurve.bestOfNKl(n),
                    exact[i],
                    estimate.mean(),
                    estimate.lower(),
                    estimate.upper(),
                    departure,
                    share);
            listener.accept("best of " + n + ": gold " + FigureFormat.of(exact[i]));
        }
        String last = "bon." + Arrays.stream(all).max().orElseThrow();
        result.exact(
                "departure.share",
                "Share of the KL at the end of best-of-n's path that no conditioning on the proxy explains?",
                result.estimate(last + ".departure_share"),
                "share");
        result.table("best-of-n", table.build());
        double[] distances = settings.numbers("distances");
        double[] conditioned = new double[distances.length];
        for (int i = 0; i < distances.length; i++) {
            conditioned[i] = world.conditioned(distances[i]);
        }
        result.picture(Picture.of(
                "best-of-n",
                "Best-of-n beside conditioning at equal KL",
                "Best-of-n departs from every conditional on the proxy, by the share in the table: its gold reward need not be the"
                        + " conditional's at equal KL.",
                Picture.Axis.linear("√KL, √nat"),
                Picture.Axis.linear("gold reward"),
                List.of(
                        Picture.Series.line("conditioning", distances, conditioned),
                        Picture.Series.line("best-of-n", d, exact))));
    }

    private static void draw(World world, long seed, double[][] proxy, double[][] gold) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int p = 0; p < POOLS; p++) {
            for (int i = 0; i < proxy[p].length; i++) {
                double x = random.nextGaussian();
                proxy[p][i] = x + world.noise * random.nextGaussian();
                gold[p][i] = world.linear * x - world.square * (x * x - 1);
            }
        }
    }

    private static SeedInterval estimate(int n, double[][] proxy, double[][] gold) {
        double[] estimates = new double[POOLS];
        for (int p = 0; p < POOLS; p++) {
            estimates[p] = BestOfNEstimator.of(proxy[p], gold[p]).estimate(n);
        }
        return SeedInterval.of(estimates);
    }

    /**
     * The largest of n standard normal draws, density n F^{n−1} φ.
     *
     * @param mean its mean
     * @param secondMoment its mean square
     * @param kl from the standard normal, nats
     */
    private record Largest(double mean, double secondMoment, double kl) {
        static Largest of(int n) {
            double mean = 0;
            double square = 0;
            double kl = 0;
            double step = 2 * FAR / STEPS;
            for (int i = 0; i <= STEPS; i++) {
                double x = -FAR + i * step;
                double weight = (i == 0 || i == STEPS ? 1 : i % 2 == 1 ? 4 : 2) * step / 3;
                double logRatio = Math.log(n) + (n - 1) * Math.log(NORMAL.cumulativeProbability(x));
                double density = Math.exp(logRatio + NORMAL.logDensity(x));
                if (density > 0) {
                    mean += weight * density * x;
                    square += weight * density * x * x;
                    kl += weight * density * logRatio;
                }
            }
            return n == 1 ? new Largest(0, 1, 0) : new Largest(mean, square, kl);
        }
    }

    /** Coefficients that others read off figure 3 of the paper, for sizes between by the logarithm of the size. */
    private static void published(ExperimentSettings settings, ExperimentResult.Builder result) {
        double[][] known = {
            {3e6, .490, .120, .175},
            {12e6, .513, .120, .167},
            {85e6, .599, .106, .137},
            {300e6, .633, .0995, .124},
            {1.2e9, .653, .0965, .122},
            {3e9, .662, .090, .118}
        };
        DataTable.Builder table = DataTable.of(
                "Published, read off a figure: bands, not tolerances",
                "parameters",
                "best-of-n α",
                "best-of-n β",
                "RL β",
                "best-of-n peak, √nat",
                "best-of-n peak, reward");
        for (double size : settings.numbers("params")) {
            double[] row = new double[3];
            for (int k = 0; k < row.length; k++) {
                row[k] = between(known, Math.log(size), k + 1);
            }
            table.row(size, row[0], row[1], row[2], row[0] / (2 * row[1]), row[0] * row[0] / (4 * row[1]));
        }
        result.table("published", table.build());
    }

    private static double between(double[][] known, double logSize, int column) {
        int at = 1;
        while (at < known.length - 1 && Math.log(known[at][0]) < logSize) {
            at++;
        }
        double low = Math.log(known[at - 1][0]);
        double high = Math.log(known[at][0]);
        double share = Math.max(0, Math.min(1, (logSize - low) / (high - low)));
        return known[at - 1][column] + share * (known[at][column] - known[at - 1][column]);
    }

    private static String conclusion(ExperimentSettings settings, ExperimentResult.Builder result) {
        int[] n = settings.counts("n");
        int largest = Arrays.stream(n).max().orElse(1);
        double peak = result.estimate("peak.d");
        boolean isNothing = settings.number("gold.linear") == 0 && settings.number("gold.square") == 0;
        boolean falls = Double.isFinite(peak) && !isNothing;
        String hump = isNothing
                ? "there is no gold reward but 0, however far the proxy is optimised"
                : Double.isInfinite(peak)
                        ? "the gold reward rises with the proxy for ever: without a term that takes back there is no over-optimisation"
                        : String.format(
                                Locale.ROOT,
                                "the gold reward is largest at √KL = %s (reward %s) and falls beyond, while the proxy only rises",
                                FigureFormat.of(peak),
                                FigureFormat.of(result.estimate("peak.gold")));
        return String.format(
                Locale.ROOT,
                "Where texts have a normal quality x, the gold reward is %s·x − %s·(x² − 1) and the proxy %s: %s."
                        + "\nAlong conditioning's path none of the KL is departure%s; at the best of %d, %s of the KL is departure and the gold reward is %s (estimated %s)."
                        + "\nPoints of conditioning's path that were held out are foretold %s (errors %s and %s; one of d(α − βd)"
                        + " beyond rounding would have refuted that form).",
                settings.text("gold.linear"),
                settings.text("gold.square"),
                settings.number("noise") == 0 ? "x itself" : "x with an error of " + settings.text("noise"),
                hump,
                falls ? ", so that the fall is the evidence's, not the method's" : "",
                largest,
                FigureFormat.of(result.estimate("bon." + largest + ".departure_share")),
                FigureFormat.of(result.estimate("bon." + largest + ".gold_exact")),
                FigureFormat.of(result.estimate("bon." + largest + ".gold")),
                foretold(result),
                FigureFormat.of(result.estimate("heldout.tilt")),
                FigureFormat.of(result.estimate("heldout.rl")));
    }

    private static String foretold(ExperimentResult.Builder result) {
        if (!result.stands("better_form")) {
            return "equally by d(α − βd) and d(α − β log d)";
        }
        return "better by " + (result.estimate("better_form") == 1 ? "d(α − βd)" : "d(α − β log d)");
    }
}
