package dev.credence.lab.experiments;

import dev.credence.core.audit.Finding;
import dev.credence.core.audit.Grade;
import dev.credence.core.figures.FigureFormat;
import dev.credence.lab.runs.Listener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@link FiftyCopies} as an experiment with settings, figures by id, tables and pictures. */
public final class FiftyCopiesExperiment implements Experiment {
    private static final String FEW = "0.2,0.02,0";
    private static final String ALL = "0.2,0.1,0.05,0.02,0.001,0";
    private static final String ALIKE = "one seed, or all of them alike, which does not say that others would be";
    private static final List<String> LETTERS = List.of("a", "b", "c", "d");

    /** For the service loader. */
    public FiftyCopiesExperiment() {}

    @Override
    public String name() {
        return "fifty-copies";
    }

    @Override
    public String question() {
        return "Is RL with a KL penalty like having seen fifty of each good example?";
    }

    @Override
    public String schema() {
        return "credence.fifty-copies/1";
    }

    @Override
    public List<String> related() {
        return List.of("sft-copies", "certified");
    }

    @Override
    public List<ExperimentKey> settings() {
        List<ExperimentKey> settings = new ArrayList<>();
        settings.addAll(grid("", "a,b,c,d", ALL, new long[] {1000, 8, 32}, "0.05", "on tables: "));
        settings.add(ExperimentKey.word(
                "transformer", List.of("no", "yes"), "whether it is run on a language model besides"));
        settings.addAll(grid("transformer.", "c", FEW, new long[] {60, 3, 64}, "0.001", "on the language model: "));
        settings.addAll(TextSpaceSettings.declared(
                "count:[aeiou]",
                "reward of a text of the language model: a score in logits, of which the readings are made"));
        settings.add(TextSpaceSettings.probe());
        return settings;
    }

    private static List<ExperimentKey> grid(
            String part, String readings, String betas, long[] counts, String rate, String where) {
        return List.of(
                ExperimentKey.texts(
                        part + "readings",
                        readings,
                        LETTERS,
                        where + "readings of the reward: log-probability of approval, its probability, a score, a"
                                + " whitened score"),
                ExperimentKey.numbers(
                        part + "betas", betas, 0, 1e6, where + "KL coefficients, 1/β copies are asked for"),
                ExperimentKey.whole(part + "steps", counts[0], 1, 1_000_000, where + "steps of each training"),
                ExperimentKey.whole(part + "seeds", counts[1], 1, 1000, where + "trainings of each method"),
                ExperimentKey.whole(part + "samples", counts[2], 2, 100_000, where + "texts a prompt and step"),
                ExperimentKey.number(
                        part + "lr",
                        rate,
                        1e-9,
                        10,
                        where + "learning rate of the first step; it falls to 0 along a cosine"));
    }

    @Override
    public Map<String, String> standards(Effort effort) {
        Map<String, String> standards = new LinkedHashMap<>();
        if (effort.transformer()) {
            standards.put("transformer", "yes");
        }
        switch (effort.size()) {
            case QUICK ->
                standards.putAll(Map.of(
                        "betas", FEW,
                        "steps", "200",
                        "seeds", "3",
                        "transformer.betas", "0.02",
                        "transformer.steps", "20",
                        "transformer.samples", "32"));
            case FULL -> standards.putAll(Map.of("transformer.betas", ALL, "transformer.readings", "a,b,c,d"));
            case STANDARD -> {}
        }
        return standards;
    }

    @Override
    public ExperimentResult run(ExperimentSettings settings, Listener listener) throws IOException {
        ExperimentResult.Builder result = ExperimentResult.builder();
        FiftyCopies.Outcome outcome = outcome(settings, listener, result);
        for (PathPoint end : CopiesConclusion.ends(outcome.points())) {
            result.finding(finding(end));
        }
        outcome.observed().forEach(reading -> result.finding(finding(reading)));
        CopiesTables.add(outcome, result);
        result.further("ran", outcome.ran());
        result.further(
                "paths", outcome.points().stream().map(CopiesTables::json).toList());
        result.further(
                "observed", outcome.observed().stream().map(CopiesTables::json).toList());
        return result.conclude(
                FiftyCopies.setting(grid(settings, "")) + " " + CopiesConclusion.of(outcome),
                "Small worlds whose texts can all be listed, and trainings of some hundred steps: a longer run, or a larger"
                        + " model, may go further along its path. Copies of data are read against readers of one family.");
    }

    private static FiftyCopies.Outcome outcome(
            ExperimentSettings settings, Listener listener, ExperimentResult.Builder result) throws IOException {
        Grid table = grid(settings, "");
        if (settings.text("transformer").equals("no")) {
            return FiftyCopies.onTable(table, listener);
        }
        TextSpaceSettings on = new TextSpaceSettings(settings);
        String probe = on.unrewarded();
        try (TextSpaceSettings.Opened opened = on.open()) {
            FiftyCopies.AskedModel world = new FiftyCopies.AskedModel(on.extent(opened.model()), on.reward(), probe);
            result.inputs(opened.model().inputs());
            Grid grid = grid(settings, "transformer.");
            return FiftyCopies.onTable(table, listener)
                    .and(FiftyCopies.onTransformer(opened.model(), world, grid, listener));
        }
    }

    private static Grid grid(ExperimentSettings settings, String part) {
        List<Double> betas = new ArrayList<>();
        for (double beta : settings.numbers(part + "betas")) {
            betas.add(beta);
        }
        List<RewardReading> readings = settings.texts(part + "readings").stream()
                .map(letter -> RewardReading.valueOf(letter.toUpperCase(Locale.ROOT)))
                .toList();
        return new Grid(
                betas,
                readings,
                settings.count(part + "steps"),
                settings.count(part + "seeds"),
                settings.count(part + "samples"),
                settings.number(part + "lr"));
    }

    private static Finding finding(PathPoint end) {
        return new Finding(
                String.join(
                        ".", end.place(), end.reading(), "beta-" + FigureFormat.of(end.beta()), end.method(), "copies"),
                "Copies of the acceptance that " + end.method() + " ended with?",
                end.lower(),
                end.copies(),
                end.upper(),
                end.isExact() ? Grade.EXACT : Grade.ESTIMATED,
                "copies",
                end.isExact() ? null : end.lower() < end.upper() ? "over seeds" : ALIKE,
                null);
    }

    private static Finding finding(DataCopies reading) {
        boolean exact = reading.draws() == 0;
        String reason = reading.reason();
        Finding finding = new Finding(
                String.join(
                        ".",
                        reading.place(),
                        "data",
                        "beta-" + FigureFormat.of(reading.beta()),
                        reading.method(),
                        "copies"),
                "Copies of a good example, as data, that " + reading.method() + " reads as?",
                exact ? reading.copies() : reading.lower(),
                reading.copies(),
                exact ? reading.copies() : reading.upper(),
                exact ? Grade.EXACT : Grade.ESTIMATED,
                "copies",
                exact ? null : "draws of the probe",
                null);
        return reason == null ? finding : finding.withdrawn(reason);
    }
}
