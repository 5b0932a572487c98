package dev.credence.bench.limits;

import dev.credence.methods.Conditioner;
import dev.credence.methods.MethodOptions;
import dev.credence.methods.Methods;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A method with settings, and where it must end.
 *
 * @param setting name, then settings as {@code name=value}
 * @param form where it must end; null where there is no formula, so that only its gradient can be looked at
 */
record LimitRow(String setting, @Nullable ClosedForm form) {
    private static final String[] PLACEMENTS = {
        "reward:k1", "reward:k3", "loss:k1", "loss:k2", "loss:k3", "loss:k3-ratio", "mean-token", "none"
    };
    private static final double MEAN = 0.5; // that gdc is asked for

    /** {@return all that are hunted} */
    static List<LimitRow> all() {
        List<LimitRow> rows = new ArrayList<>();
        for (String method : List.of("reinforce", "rloo", "ppo", "grpo", "dr-grpo", "dapo")) {
            boolean divided = method.equals("grpo") || method.equals("dapo");
            for (String placement : PLACEMENTS) {
                rows.add(new LimitRow(method + " kl=" + placement, placed(placement, divided)));
            }
        }
        Map<String, ClosedForm> others = new LinkedHashMap<>();
        others.put("rloo entropy=0.3", ClosedForm.each((log, r, beta) -> ClosedForm.flattened(log, r, beta, .3)));
        others.put("rloo adaptive-kl=0.4", ClosedForm.atKl(.4));
        others.put("rloo kl=loss:k2 adaptive-kl=0.1", ClosedForm.atKl(.1));
        others.put("rloo reset-reference=200 steps=500", ClosedForm.copies(3));
        others.put("grpo reset-reference=500 steps=1000", ClosedForm.each(LimitRow::twiceStandardised));
        others.put("rloo gamma=0.9", ClosedForm.copies(1));
        others.put(
                "natural-gradient steps=50 lr=0.001",
                ClosedForm.each((log, r, beta) ->
                        ClosedForm.tilt(log, r, -Math.expm1(50 * Math.log1p(-.001 * beta)) / beta)));
        others.put("natural-gradient target-kl=0.3", ClosedForm.atKl(.3));
        others.put("distil", ClosedForm.copies(1));
        for (String divergence : List.of("kl", "reverse-kl", "js", "tv", "chi2", "reverse-chi2")) {
            others.put("f-dpg divergence=" + divergence, ClosedForm.copies(1));
        }
        others.put("dpo", ClosedForm.copies(1));
        others.put("ipo", ClosedForm.each(ClosedForm::winRate));
        others.put("gdc moment=0.5", ClosedForm.each((log, r, beta) -> ClosedForm.atMean(log, r, MEAN)));
        others.put("sft observation=x0", ClosedForm.each((log, r, beta) -> named(log, "x0", false)));
        others.put("observation copies=2", ClosedForm.each((log, r, beta) -> ClosedForm.tilt(log, r, 2)));
        others.put("feedme", ClosedForm.best());
        others.put(
                "feedme threshold=0",
                ClosedForm.each((log, r, beta) -> ClosedForm.within(log, r, 0, Double.POSITIVE_INFINITY)));
        others.put("decision-transformer", ClosedForm.best());
        others.put(
                "decision-transformer level=1..2", ClosedForm.each((log, r, beta) -> ClosedForm.within(log, r, 1, 2)));
        others.put("top-fraction q=0.3", ClosedForm.each((log, r, beta) -> ClosedForm.bestShare(log, r, .3)));
        others.put("expert-iteration rounds=3", ClosedForm.copies(3));
        others.put("expert-iteration rounds=2 n=3", ClosedForm.each((log, r, beta) -> ClosedForm.bestOf(log, r, 9)));
        others.put(
                "expert-iteration rounds=2 q=0.5",
                ClosedForm.each((log, r, beta) -> ClosedForm.bestShare(log, r, .25)));
        others.put(
                "expert-iteration prior-share=0.3",
                ClosedForm.each((log, r, beta) -> ClosedForm.mixed(log, r, beta, .3)));
        others.put("rwr rounds=2", ClosedForm.copies(2));
        others.put("awr rounds=2", ClosedForm.each((log, r, beta) -> ClosedForm.capped(log, r, beta, 20, 2)));
        others.put("quark", ClosedForm.each((log, r, beta) -> ClosedForm.quark(log, r, 5, 5, .05)));
        others.put("tilt", ClosedForm.copies(1));
        others.put("prompt prompt=x1", ClosedForm.each((log, r, beta) -> named(log, "x1", true)));
        others.put("rejection", ClosedForm.copies(1));
        others.put("poisson", ClosedForm.copies(1));
        others.put("resample n=2", ClosedForm.each((log, r, beta) -> ClosedForm.ofTwo(log, r, 1 / beta)));
        others.put("luce n=2", ClosedForm.each((log, r, beta) -> ClosedForm.ofTwo(log, r, 1)));
        others.put("smc particles=2", ClosedForm.each((log, r, beta) -> ClosedForm.ofTwo(log, r, 1 / beta)));
        others.put("twisted-smc", ClosedForm.copies(1));
        others.put("best-of-n n=4", ClosedForm.each((log, r, beta) -> ClosedForm.bestOf(log, r, 4)));
        others.put("quantilizer q=0.3", ClosedForm.each((log, r, beta) -> ClosedForm.bestShare(log, r, .3)));
        others.forEach((setting, form) -> rows.add(new LimitRow(setting, form)));
        rows.add(new LimitRow("kto", null));
        return rows;
    }

    /** {@return all that are hunted on tables that are not as one expects, and settings at their ends} */
    static List<LimitRow> edges() {
        List<LimitRow> rows = new ArrayList<>(all());
        ClosedForm prior = ClosedForm.each((log, r, beta) -> ClosedForm.posterior(log, new double[log.length]));
        for (String setting : List.of(
                "best-of-n n=1",
                "luce n=1",
                "resample n=1",
                "smc particles=1",
                "quantilizer q=1",
                "top-fraction q=1",
                "expert-iteration n=1",
                "expert-iteration q=1",
                "quark quantiles=1")) {
            rows.add(new LimitRow(setting, prior));
        }
        ClosedForm few = ClosedForm.each((log, r, beta) -> ClosedForm.bestShare(log, r, 1e-9));
        rows.add(new LimitRow("quantilizer q=1e-9", few));
        rows.add(new LimitRow("top-fraction q=1e-9", few));
        rows.add(new LimitRow("expert-iteration rounds=1 q=1e-9", few));
        rows.add(new LimitRow(
                "best-of-n n=1000000000", ClosedForm.each((log, r, beta) -> ClosedForm.bestOf(log, r, 1_000_000_000))));
        return rows;
    }

    private static @Nullable ClosedForm placed(String placement, boolean divided) {
        return switch (placement) {
            case "reward:k3" -> null;
            case "loss:k1", "none" -> ClosedForm.best();
            case "reward:k1", "mean-token" -> ClosedForm.copies(1); // what is divided is zero there
            case "loss:k3" -> ClosedForm.each(divided ? ClosedForm::standardisedRational : ClosedForm::rational);
            default -> divided ? ClosedForm.each(ClosedForm::standardised) : ClosedForm.copies(1);
        };
    }

    private static double[] twiceStandardised(double[] log, double[] r, double beta) {
        double[] once = ClosedForm.standardisedRational(log, r, beta);
        return ClosedForm.standardisedRational(
                Arrays.stream(once).map(Math::log).toArray(), r, beta);
    }

    private static double[] named(double[] log, String beginning, boolean longer) {
        double[] evidence = new double[log.length];
        Arrays.setAll(
                evidence,
                i -> ("x" + i).equals(beginning) || (longer && ("x" + i).startsWith(beginning))
                        ? 0
                        : Double.NEGATIVE_INFINITY);
        return ClosedForm.posterior(log, evidence);
    }

    /** {@return the method's name} */
    String method() {
        return setting.split(" ", 2)[0];
    }

    /** The table as this method takes it. */
    LimitTable suited(LimitTable table) {
        return method().equals("poisson") ? table.asProbabilities() : table;
    }

    /** {@return the method, with the table's coefficient where it has one} */
    Conditioner at(double beta) {
        Conditioner method = Methods.byName(method());
        MethodOptions options = MethodOptions.none();
        for (String word : setting.split(" ", -1)) {
            int equals = word.indexOf('=');
            options = equals < 0 ? options : options.with(word.substring(0, equals), word.substring(equals + 1));
        }
        if (has(method, "population")) {
            options = options.with("population", "true");
        }
        if (has(method, "beta") && !setting.contains("target-kl")) {
            options = options.with("beta", beta);
        }
        return method.with(options);
    }

    private static boolean has(Conditioner method, String option) {
        return method.card().options().stream().anyMatch(each -> each.name().equals(option));
    }
}
