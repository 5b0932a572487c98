package dev.credence.core.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Standard errors the slow way: every record's influence is written out, added up by unit, and each stratum is centred
 * before a power of it is taken. What {@link StandardErrors} gets from raw power sums must be the same.
 */
final class NaiveErrors {
    /** One unit: the positions of its records among the prompt's atoms, and the sum of their influences. */
    record Unit(List<Integer> atoms, double[] influence) {}

    final List<List<List<Unit>>> units = new ArrayList<>(); // by prompt and source
    final double[] errors;
    final double[] freedom;
    final double[] skewness;
    final double[] spread;
    final double[] reach;

    NaiveErrors(RolloutLog log, Influence influence) {
        InfluenceColumn[] columns = influence.columns();
        int width = columns.length;
        this.errors = new double[width];
        this.freedom = new double[width];
        this.skewness = new double[width];
        this.spread = new double[width];
        this.reach = new double[width];
        for (int c = 0; c < log.prompts().size(); c++) {
            units.add(units(log, c, influence, columns));
        }
        for (int k = 0; k < width; k++) {
            addUp(k);
        }
    }

    /** ψ of a unit: its influence less the mean of its stratum. */
    static double centred(List<Unit> stratum, Unit unit, int column) {
        return unit.influence()[column]
                - stratum.stream()
                        .mapToDouble(u -> u.influence()[column])
                        .average()
                        .orElseThrow();
    }

    private void addUp(int k) {
        double second = 0;
        double third = 0;
        double fourth = 0;
        double variance = 0;
        double varianceOfVariance = 0;
        for (List<List<Unit>> prompt : units) {
            for (List<Unit> stratum : prompt) {
                double[] psi = stratum.stream()
                        .mapToDouble(u -> centred(stratum, u, k))
                        .toArray();
                double two = power(psi, 2);
                double four = power(psi, 4);
                second += two;
                third += power(psi, 3);
                fourth += four;
                double n = psi.length;
                if (n > 1) {
                    double own = two * n / (n - 1);
                    variance += own;
                    double kurtosis = two > 0 ? (four / n) / ((two / n) * (two / n)) : 3;
                    varianceOfVariance += own * own * Math.max(2 / (n - 1), (kurtosis - 1) / n);
                }
            }
        }
        spread[k] = Math.sqrt(second);
        errors[k] = Math.sqrt(variance);
        freedom[k] = 2 * variance * variance / varianceOfVariance;
        skewness[k] = second > 0 ? third / (6 * Math.pow(spread[k], 3)) : 0;
        reach[k] = second > 0 ? Math.pow(fourth / (second * second), 0.25) : 0;
    }

    private static double power(double[] psi, int exponent) {
        return Arrays.stream(psi).map(x -> Math.pow(x, exponent)).sum();
    }

    private static List<List<Unit>> units(RolloutLog log, int member, Influence influence, InfluenceColumn[] columns) {
        RolloutLog.Prompt prompt = log.prompts().get(member);
        int[] group = log.columns().group();
        byte[] source = log.columns().source();
        int[] record = Logs.order(log, prompt);
        double[][] psi = influences(influence, member, columns, record.length);
        List<Map<String, Unit>> found = new ArrayList<>();
        log.sources().forEach(name -> found.add(new LinkedHashMap<>()));
        for (int i = 0; i < record.length; i++) {
            int at = record[i];
            boolean alone = group == null || group[at] < 0;
            String name = alone ? "record " + at : "group " + java.util.Objects.requireNonNull(group)[at];
            Unit unit = found.get(source[at])
                    .computeIfAbsent(name, key -> new Unit(new ArrayList<>(), new double[columns.length]));
            unit.atoms().add(i);
            for (int k = 0; k < columns.length; k++) {
                unit.influence()[k] += psi[k][i];
            }
        }
        return found.stream().map(stratum -> List.copyOf(stratum.values())).toList();
    }

    /** By column and atom of one prompt. */
    static double[][] influences(Influence influence, int member, InfluenceColumn[] columns, int atoms) {
        PromptPool pool = influence.estimates().pool();
        double[][] influences = new double[columns.length][atoms];
        Influence.OfMember ofMember = influence.new OfMember(member);
        PromptInfluence ofPrompt = new PromptInfluence(pool.members().get(member));
        pool.members().get(member).atoms().forEachBlock(block -> {
            double[][] fitted = new double[influence.fittedWidth()][block.count];
            ofMember.fill(block, fitted);
            double[][] own = new double[PromptInfluence.FIGURES.length][block.count];
            ofPrompt.fill(block, own);
            for (int k = 0; k < columns.length; k++) {
                for (int i = 0; i < block.count; i++) {
                    influences[k][block.start + i] = columns[k].fitted()
                            ? columns[k].factor() * fitted[columns[k].index()][i]
                            : columns[k].factor() * pool.weight(member) * own[columns[k].index()][i];
                }
            }
        });
        return influences;
    }
}
