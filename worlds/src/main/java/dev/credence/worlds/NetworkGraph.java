package dev.credence.worlds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A network's graph as a picture (SVG): every variable below those that it depends on, hidden ones dashed, those that
 * nothing rewarded or shown reads grey.
 */
public final class NetworkGraph {
    private static final double HEIGHT = 40; // of a node
    private static final double LAYER = 96; // from one layer to the next
    private static final double GAP = 28; // between nodes of a layer
    private static final double MARGIN = 24;
    private static final double CHARACTER = 8.5; // width of one
    private static final double FOOT = 36;

    private static final double FULLEST =
            0.6; // fill of a variable that was moved as far as can be: its name is still read

    private static final double BEND = 20; // room in a layer for an edge that goes on to a lower one

    private final Network network;
    private final int count; // variables; what is numbered from there on are bends of edges
    private final List<List<Integer>> layers = new ArrayList<>();
    private final List<List<Integer>> above =
            new ArrayList<>(); // (variables and bends), what leads to each, one layer up
    private final List<Double> x = new ArrayList<>(); // (variables and bends), centres
    private final List<Double> y = new ArrayList<>();
    private final double width;

    /**
     * Lays the graph out.
     *
     * @param network the network
     */
    public NetworkGraph(Network network) {
        this.network = network;
        this.count = network.variables().size();
        fillLayers();
        above.forEach(any -> {
            x.add(0.0);
            y.add(0.0);
        });
        this.width = place();
    }

    /** {@return the picture, an SVG document} */
    public String svg() {
        return svg(Map.of());
    }

    /**
     * The picture, with each variable filled the more, the further evidence moved it.
     *
     * @param moved by variable, the total variation between what was believed before and after, from 0 to 1; empty for none
     * @return the picture, an SVG document
     */
    public String svg(Map<String, Double> moved) {
        double height = 2 * MARGIN + (layers.size() - 1) * LAYER + HEIGHT + FOOT;
        StringBuilder svg = new StringBuilder();
        svg.append(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" height=\"%.0f\""
                        + " role=\"img\" font-family=\"sans-serif\" font-size=\"14\">%n",
                width, height, width, height));
        svg.append("<title>")
                .append(escaped("Variables and what they depend on"))
                .append("</title>\n");
        svg.append(
                "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\""
                        + " orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\n");
        svg.append(format("<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>%n", width, height));
        for (int child = 0; child < count; child++) {
            for (int from : above.get(child)) {
                svg.append(edge(from, child));
            }
        }
        for (int id = 0; id < count; id++) {
            svg.append(node(id, moved));
        }
        svg.append(format(
                "<text x=\"%.0f\" y=\"%.0f\" font-size=\"12\" fill=\"#444\">dashed: hidden. %s</text>%n",
                MARGIN,
                height - MARGIN / 2,
                moved.isEmpty() ? "grey: in no text and no reward" : "blue: moved by the evidence"));
        return svg.append("</svg>\n").toString();
    }

    /** A variable stands one layer below its lowest parent; an edge from higher up bends in every layer it passes. */
    private void fillLayers() {
        int[] layer = new int[count];
        for (int id = 0; id < count; id++) {
            above.add(new ArrayList<>());
            for (int parent : network.variables().get(id).parents()) {
                layer[id] = Math.max(layer[id], layer[parent] + 1);
            }
            while (layers.size() <= layer[id]) {
                layers.add(new ArrayList<>());
            }
            layers.get(layer[id]).add(id);
        }
        for (int id = 0; id < count; id++) {
            for (int parent : network.variables().get(id).parents()) {
                int from = parent;
                for (int passed = layer[parent] + 1; passed < layer[id]; passed++) {
                    above.add(new ArrayList<>(List.of(from)));
                    from = above.size() - 1;
                    layers.get(passed).add(from);
                }
                above.get(id).add(from);
            }
        }
    }

    /** Layer by layer, each in the order of the means of what leads to it; centred. */
    private double place() {
        double widest = 300; // the legend
        for (List<Integer> layer : layers) {
            widest = Math.max(widest, wide(layer));
        }
        for (int depth = 0; depth < layers.size(); depth++) {
            List<Integer> layer = layers.get(depth);
            layer.sort(Comparator.comparingDouble(this::meanAbove));
            double left = MARGIN + (widest - wide(layer)) / 2;
            for (int id : layer) {
                x.set(id, left + width(id) / 2);
                y.set(id, MARGIN + HEIGHT / 2 + depth * LAYER);
                left += width(id) + GAP;
            }
        }
        return widest + 2 * MARGIN;
    }

    private double wide(List<Integer> layer) {
        return layer.stream().mapToDouble(this::width).sum() + GAP * (layer.size() - 1);
    }

    private double meanAbove(int id) {
        return above.get(id).stream().mapToDouble(x::get).average().orElse(0);
    }

    private double width(int id) {
        return id >= count
                ? BEND
                : Math.max(64, CHARACTER * network.variables().get(id).name().length() + 28);
    }

    /** From the lower end upwards through bends to a variable, written from there. */
    private String edge(int last, int child) {
        List<Integer> way = new ArrayList<>(List.of(child));
        int at = last;
        while (at >= count) {
            way.add(0, at);
            at = above.get(at).get(0);
        }
        StringBuilder path = new StringBuilder(format("<path d=\"M%.1f %.1f", x.get(at), y.get(at) + HEIGHT / 2));
        double from = y.get(at) + HEIGHT / 2;
        for (int next : way) {
            double to = y.get(next) - HEIGHT / 2;
            double middle = (from + to) / 2;
            path.append(
                    format("C%.1f %.1f %.1f %.1f %.1f %.1f", x.get(at), middle, x.get(next), middle, x.get(next), to));
            from = y.get(next) + HEIGHT / 2;
            if (next >= count) {
                path.append(format("L%.1f %.1f", x.get(next), from));
            }
            at = next;
        }
        return path.append("\" fill=\"none\" stroke=\"#444\" marker-end=\"url(#tip)\"/>\n")
                .toString();
    }

    private String node(int id, Map<String, Double> moved) {
        Variable variable = network.variables().get(id);
        boolean read = Projection.textScope(network).contains(id);
        double far = moved.getOrDefault(variable.name(), 0.0);
        String fill = !moved.isEmpty()
                ? format("#0072b2\" fill-opacity=\"%.3f", FULLEST * far)
                : variable.isHidden() || read ? "#fff" : "#ddd";
        String dashes = variable.isHidden() ? " stroke-dasharray=\"5 4\"" : "";
        String box = format(
                "<g><title>%s</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"20\" fill=\"%s\""
                        + " stroke=\"#222\" stroke-width=\"1.5\"%s/>",
                escaped(variable.name() + ": " + String.join(", ", variable.values())),
                x.get(id) - width(id) / 2,
                y.get(id) - HEIGHT / 2,
                width(id),
                HEIGHT,
                fill,
                dashes);
        return moved.isEmpty()
                ? box + words(id, 5, 14, variable.name()) + "</g>\n"
                : box + words(id, -1, 14, variable.name()) + words(id, 13, 11, format("%.2f", far)) + "</g>\n";
    }

    private String words(int id, double below, int size, String words) {
        return format(
                "<text x=\"%.1f\" y=\"%.1f\" font-size=\"%d\" text-anchor=\"middle\">%s</text>",
                x.get(id), y.get(id) + below, size, escaped(words));
    }

    private static String format(String pattern, Object... arguments) {
        return String.format(Locale.ROOT, pattern.replace("%n", "\n"), arguments);
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                default -> escaped.append(c < ' ' ? ' ' : c);
            }
        }
        return escaped.toString();
    }
}
