export async function edit(place) {}
