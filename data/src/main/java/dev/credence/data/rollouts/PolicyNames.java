package dev.credence.data.rollouts;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the names of files say of the policies whose draws they hold. */
final class PolicyNames {
    private static final Pattern PIECE = Pattern.compile("[a-z]+|[0-9]+(\\.[0-9]+)*");
    private static final Pattern ENDING = Pattern.compile("(\\.(jsonl?|gz|zst|parquet))+$");

    /** Words before a number that counts the parts of one policy's log. */
    private static final Set<String> PARTS =
            Set.of("part", "shard", "chunk", "rank", "worker", "node", "gpu", "file", "batch", "split", "slice");

    /** Words before a number that tells policies apart. */
    private static final Set<String> POLICIES = Set.of(
            "checkpoint",
            "ckpt",
            "step",
            "steps",
            "iter",
            "iteration",
            "epoch",
            "seed",
            "run",
            "beta",
            "lr",
            "lambda",
            "kl",
            "alpha",
            "v",
            "version",
            "model",
            "policy",
            "exp",
            "trial",
            "round",
            "n",
            "k",
            "temp",
            "temperature",
            "t");

    private PolicyNames() {}

    /** Whether some of the files seem to hold draws of different policies. */
    static boolean differ(List<String> files) {
        return files.stream().map(PolicyNames::policy).distinct().count() > 1;
    }

    /** What of a file's name, with its folders, tells the policy: its words and numbers without those of a part. */
    static List<String> policy(String file) {
        List<String> told = new ArrayList<>();
        String path = ENDING.matcher(file.toLowerCase(Locale.ROOT)).replaceFirst("");
        Matcher pieces = PIECE.matcher(path);
        String before = "";
        boolean counted = false;
        while (pieces.find()) {
            String piece = pieces.group();
            boolean number = Character.isDigit(piece.charAt(0));
            boolean attached = pieces.start() > 0 && Character.isLetter(path.charAt(pieces.start() - 1));
            boolean total = counted && (piece.equals("of") || before.equals("of")); // 00001-of-00008
            boolean part =
                    total || PARTS.contains(number ? before : piece) || (number && !attached && !tells(piece, before));
            counted = number ? part : total;
            if (!part) {
                told.add(piece);
            }
            before = piece;
        }
        return told;
    }

    /** Whether a number that stands alone tells policies apart, as {@code 0.05} does, or {@code 200} in checkpoint-200. */
    private static boolean tells(String number, String before) {
        return number.contains(".") || POLICIES.contains(before) || before.equals("of");
    }
}
