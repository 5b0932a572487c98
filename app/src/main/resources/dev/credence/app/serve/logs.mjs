export async function drop(place) {}
export async function one(place) {}
