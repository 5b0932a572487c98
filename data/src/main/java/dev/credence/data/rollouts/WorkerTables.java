package dev.credence.data.rollouts;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What one worker has seen so far, numbered in its own order; merged when all is read. */
final class WorkerTables {
    /**
     * What records of one prompt have in common; usually one for a whole log, one a step, or one a split.
     *
     * @param hasStep whether the records name a step
     * @param step the step, or 0
     * @param heldOut whether they are held out
     * @param weight the prompt's weight as given, or NaN
     * @serial exclude
     */
    record Context(boolean hasStep, long step, boolean heldOut, double weight) implements Serializable {}

    final TextNumbers prompts = new TextNumbers();
    final TextNumbers sources;
    final TextNumbers groups = new TextNumbers();
    final List<Context> contexts = new ArrayList<>();

    /** By cell: its prompt, its context. */
    final IntList cellPrompt = new IntList();

    final IntList cellContext = new IntList();

    /** By cell: a reservoir of texts for each of the two sources. */
    final List<TextReservoir> priorTexts = new ArrayList<>();

    final List<TextReservoir> policyTexts = new ArrayList<>();

    private final Map<Context, Integer> contextNumbers = new HashMap<>();
    private final Map<Long, Integer> cellNumbers = new HashMap<>();

    /** By prompt: its last context and cell, so that the maps are seldom asked. */
    private final IntList lastContext = new IntList();

    private final IntList lastCell = new IntList();

    /** The last record's context, and what it is. */
    private int currentContext = -1;

    private boolean hasStep;
    private long step;
    private boolean heldOut;
    private long weightBits;

    /** By source: λ of those that draw from a tilt. */
    private final Map<Integer, Double> tilts = new HashMap<>();

    WorkerTables(ValueMap values) {
        sources = new TextNumbers(word -> values.of(Field.SOURCE, word));
        sources.number("prior"); // 0, as RolloutLog.PRIOR
        sources.number("policy"); // 1, as RolloutLog.POLICY
    }

    /**
     * The source of a record that is neither of the two. Draws of a tilt are a source for each λ.
     *
     * @throws BadRecord if a tilt has no λ, or a log-probability that its unknown Z does not allow
     */
    int settle(RolloutRecord record) throws BadRecord {
        String name = sources.text(record.source);
        if (name.startsWith(Tilts.PREFIX)) {
            throw new BadRecord(
                    Field.SOURCE.key(), BadRecord.shown(name), "a draw of a tilt has source tilt and its lambda");
        }
        if (!name.equals(Tilts.SOURCE)) {
            return record.source;
        }
        if (Double.isNaN(record.lambda)) {
            throw new BadRecord(
                    Field.LAMBDA.key(),
                    "missing",
                    "a draw of a tilt says its lambda: it is from prior e^(lambda reward)/Z");
        }
        if (!Double.isNaN(record.logSource)) {
            throw new BadRecord(
                    Field.LOGP_SOURCE.key(),
                    Double.toString(record.logSource),
                    "the source tilt has an unknown Z; one whose log-probabilities are known has another name");
        }
        int number = sources.number(Tilts.name(record.lambda));
        tilts.putIfAbsent(number, record.lambda);
        return number;
    }

    /** λ of a source; NaN where it is no tilt. */
    double tilt(int source) {
        return tilts.getOrDefault(source, Double.NaN);
    }

    /** The number of the cell (prompt and context) of a record. */
    int cell(RolloutRecord record) {
        int prompt = record.prompt != null
                ? prompts.number(record.prompt)
                : prompts.number(record.bytes, record.promptFrom, record.promptTo, record.promptEscaped);
        int context = context(record);
        while (lastContext.size() <= prompt) {
            lastContext.add(-1);
            lastCell.add(-1);
        }
        if (lastContext.get(prompt) != context) {
            lastContext.set(prompt, context);
            lastCell.set(
                    prompt, cellNumbers.computeIfAbsent((long) prompt << 32 | context, k -> newCell(prompt, context)));
        }
        return lastCell.get(prompt);
    }

    private int context(RolloutRecord record) {
        long weight = Double.doubleToLongBits(record.weight);
        if (currentContext >= 0
                && hasStep == record.hasStep
                && step == record.step
                && heldOut == record.heldOut
                && weightBits == weight) {
            return currentContext;
        }
        hasStep = record.hasStep;
        step = record.step;
        heldOut = record.heldOut;
        weightBits = weight;
        Context context = new Context(record.hasStep, record.step, record.heldOut, record.weight);
        Integer known = contextNumbers.putIfAbsent(context, contexts.size());
        if (known == null) {
            contexts.add(context);
            known = contexts.size() - 1;
        }
        currentContext = known;
        return known;
    }

    private int newCell(int prompt, int context) {
        return newCell(prompt, context, new TextReservoir(), new TextReservoir());
    }

    private int newCell(int prompt, int context, TextReservoir prior, TextReservoir policy) {
        int cell = cellPrompt.size();
        cellPrompt.add(prompt);
        cellContext.add(context);
        priorTexts.add(prior);
        policyTexts.add(policy);
        return cell;
    }

    /** Takes in a cell that another worker numbered, with the texts kept of it. */
    int cellOf(String prompt, Context context, TextReservoir prior, TextReservoir policy) {
        int of = contextNumbers.computeIfAbsent(context, any -> {
            contexts.add(context);
            return contexts.size() - 1;
        });
        return newCell(prompts.number(prompt), of, prior, policy);
    }

    /** Takes in a source that another worker settled; λ is NaN where it draws from no tilt. */
    void sourceOf(String name, double lambda) {
        int number = sources.number(name);
        if (!Double.isNaN(lambda)) {
            tilts.putIfAbsent(number, lambda);
        }
    }
}
