package mixed

// maxDense is the largest number of dense columns.
const maxDense = 20000

// eliminationOrder returns the position of each dense column in the order of
// elimination, nil for the order in which they are numbered.
func eliminationOrder(m *normal) []int32 { return nil }
